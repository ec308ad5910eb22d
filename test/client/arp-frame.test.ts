import { describe, expect, test } from 'vitest';
import { answerFor, arpRequest, parseArp } from './arp-frame.ts';

const MAC = '02:68:6d:00:00:0b';

/** A frame with the given operation; a reply is a request with another operation number. */
function frame(operation: number, sender: string, target: string): ReturnType<typeof parseArp> {
  const bytes = arpRequest(MAC, sender, target);
  bytes.writeUInt16BE(operation, 6);
  return parseArp(bytes);
}

test('a request reads back as it was written', () => {
  expect(parseArp(arpRequest(MAC, '10.99.0.100', '10.99.0.10'))).toEqual({
    operation: 'request',
    senderMac: MAC,
    senderIp: '10.99.0.100',
    targetIp: '10.99.0.10',
  });
});

test('what is too short, of another protocol or another operation is not ARP', () => {
  expect(parseArp(Buffer.alloc(10))).toBeUndefined();
  expect(parseArp(Buffer.alloc(28))).toBeUndefined();
  expect(frame(9, '10.99.0.10', '10.99.0.100')).toBeUndefined();
});

describe('what a frame says about an address', () => {
  const said = (operation: number, sender: string, target: string): string | undefined => {
    const parsed = frame(operation, sender, target);
    return parsed === undefined ? undefined : answerFor(parsed, '10.99.0.10');
  };

  test('a reply to the one who asked', () => expect(said(2, '10.99.0.10', '10.99.0.100')).toBe('reply'));
  test('a gratuitous request and a gratuitous reply are announcements', () => {
    expect(said(1, '10.99.0.10', '10.99.0.10')).toBe('announcement');
    expect(said(2, '10.99.0.10', '10.99.0.10')).toBe('announcement');
  });
  test('a probe (RFC 5227, sender 0.0.0.0) and other hosts say nothing', () => {
    expect(said(1, '0.0.0.0', '10.99.0.10')).toBeUndefined();
    expect(said(2, '10.99.0.11', '10.99.0.100')).toBeUndefined();
  });
});
