import { describe, expect, it } from 'vitest';
import { Admission, type Guest } from './admission.ts';

const limits = { strangers: 4, strangersOfOneAddress: 2, newOnesPerSecond: 10 };

function bench() {
  let nowMs = 0;
  const admission = new Admission({ limits, isNode: (address) => address === '10.1.0.2', now: () => nowMs });
  const gone: string[] = [];
  let port = 1000;
  const guest = (address: string): Guest => {
    port += 1;
    const place = `${address}/${port}`;
    return { remoteAddress: address, remotePort: port, destroy: () => gone.push(place) };
  };
  const wait = (ms: number): void => {
    nowMs += ms;
  };
  return { admission, gone, guest, wait };
}

describe('admission', () => {
  it('hangs up on the oldest stranger of an address, and never on a known one', () => {
    const { admission, gone, guest } = bench();
    const node = guest('10.9.0.1');
    admission.arrives(node);
    admission.isKnown(node);
    for (let n = 0; n < 3; n += 1) expect(admission.arrives(guest('10.9.0.1'))).toBe(true);
    expect(gone).toEqual(['10.9.0.1/1002']);
    expect(admission.strangers).toBe(2);
  });

  it('hangs up on the oldest of all when many addresses come', () => {
    const { admission, gone, guest } = bench();
    for (let n = 1; n <= 6; n += 1) admission.arrives(guest(`10.9.0.${n}`));
    expect(gone).toEqual(['10.9.0.1/1001', '10.9.0.2/1002']);
  });

  it('turns a flood away before the handshake, but not the nodes', () => {
    const { admission, guest, wait } = bench();
    const came = Array.from({ length: 50 }, () => admission.arrives(guest('10.9.0.1')));
    expect(came.filter(Boolean)).toHaveLength(10);
    expect(admission.arrives(guest('::ffff:10.1.0.2'))).toBe(true);
    expect(admission.arrives(guest('10.9.0.1'))).toBe(false);
    wait(200);
    expect(admission.arrives(guest('10.9.0.1'))).toBe(true);
  });

  it('forgets who has left', () => {
    const { admission, guest } = bench();
    const one = guest('10.9.0.1');
    admission.arrives(one);
    admission.leaves(`${one.remoteAddress} ${one.remotePort}`);
    expect(admission.strangers).toBe(0);
  });
});
