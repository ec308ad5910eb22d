import { expect, test } from 'vitest';
import { filterText } from './filter.ts';

test('one direction only, named by the ports of the switch', () => {
  expect(filterText('mute', [{ from: 'mn1' }])).toBe(
    'table bridge lab {\n  chain mute {\n    type filter hook forward priority 0; policy accept;\n' +
      '    iifname "p-mn1" drop\n  }\n}\n',
  );
});

test('between two machines, and only the segments of some ports, whoever opened the connection', () => {
  expect(filterText('etcd', [{ from: 'mn1', to: 'mn2', tcpPorts: [2379, 2380] }])).toContain(
    '    iifname "p-mn1" oifname "p-mn2" tcp dport { 2379, 2380 } drop\n' +
      '    iifname "p-mn1" oifname "p-mn2" tcp sport { 2379, 2380 } drop\n',
  );
});
