import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testClock as clock } from '@hamn/engine/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { ping } from './ping.ts';

const directory = mkdtempSync(join(tmpdir(), 'hamn-ping-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The real ping, in a network namespace that goes with it. */
const inNamespace = (name: string, setUp: string): string => {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\nexec unshare -n sh -c '${setUp} exec ping "$@"' ping "$@"\n`);
  chmodSync(path, 0o755);
  return path;
};

describe('the distribution’s ping', () => {
  it('has an answer of the loopback', async () => {
    expect(await ping('127.0.0.1', 20_000, clock)).toEqual({ ok: true, value: '127.0.0.1 answers.' });
    expect(await ping('::1', 20_000, clock)).toMatchObject({ ok: true });
  });

  it('has none of a host that is not there', async () => {
    const alone = inNamespace(
      'alone',
      'ip link add here0 type veth peer name there0; ip link set here0 up; ip link set there0 up; ip addr add 192.0.2.1/24 dev here0; ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:01 dev here0;',
    );
    expect(await ping('192.0.2.2', 1500, clock, alone)).toEqual({
      ok: false,
      error: { code: 'failed', message: '192.0.2.2 did not answer within 1500 ms.' },
    });
  });

  it('where this node has no network, says nothing about the other one', async () => {
    const said = await ping('192.0.2.2', 20_000, clock, inNamespace('cut', ''));
    expect(said).toMatchObject({ ok: false, error: { code: 'unmade' } });
    expect(said.ok ? '' : said.error.message).toContain('Network is unreachable');
  });

  it('that is not installed is named with the remedy', async () => {
    const said = await ping('127.0.0.1', 20_000, clock, join(directory, 'none'));
    expect(said).toMatchObject({
      ok: false,
      error: { code: 'unmade', message: expect.stringContaining('Install iputils-ping') },
    });
  });
});
