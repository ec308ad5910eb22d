import { describe, expect, it } from 'vitest';
import { faults } from '../../bench/faults.ts';
import { runFault } from '../../bench/run-fault.ts';
import { useClient } from './client.ts';
import { twoData, useGround } from './ground.ts';

/** The bench measures; here are bounds that hold on a busy machine, too. The client that is timed writes beside the load. */
const ground = useGround(twoData);
const client = useClient(ground, { intervalMs: 20, load: 500 });

const outageMs = { switchover: 5000, 'power-off': 10_000, 'kill-postmaster': 5000 } as const;

describe('under 500 writes a second, synchronous', () => {
  it.each(Object.entries(outageMs))('%s loses nothing, and writes go on', async (name, mostMs) => {
    const fault = faults.find((each) => each.name === name);
    if (fault === undefined) throw new Error(`The bench has no fault '${name}'.`);
    const result = await runFault(ground.cluster, client, fault, 1);
    console.log(
      `${name} under ${result.loaded_per_s} writes/s: ${result.write_outage_ms} ms without a write`,
    );
    expect(result).toMatchObject({ lost: 0, dual: 0, reasons: [] });
    expect(result.write_outage_ms).toBeLessThan(mostMs);
  });
});
