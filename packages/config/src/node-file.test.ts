import { describe, expect, it } from 'vitest';
import { clusterJsonSchema, nodeFileJsonSchema } from './json-schema.ts';
import { readNodeFile } from './node-file.ts';

const good = `cluster: lab
node: mn1
address: 10.1.0.221
etcd:
  endpoints: [https://10.1.0.221:2379, "https://[fd99::12]:2379/"]
`;

const errorsOf = (text: string): string => {
  const read = readNodeFile(text, '/etc/hamn/hamn.yaml');
  return read.ok ? 'it was accepted' : read.error.message;
};

describe('a node file', () => {
  it('needs only who the node is and where etcd is', () => {
    expect(readNodeFile(good, 'hamn.yaml')).toEqual({
      ok: true,
      warnings: [],
      value: {
        cluster: 'lab',
        node: 'mn1',
        group: 'mn',
        role: 'data',
        address: '10.1.0.221',
        etcd: { endpoints: ['https://10.1.0.221:2379', 'https://[fd99::12]:2379'] },
        tls: { ca: '/etc/hamn/tls/ca.crt', cert: '/etc/hamn/tls/node.crt', key: '/etc/hamn/tls/node.key' },
        api: { port: 7443 },
        socket: '/run/hamn/hamnd.sock',
        guardSocket: '/run/hamn/guard.sock',
        stateDirectory: '/var/lib/hamn',
        logLevel: 'info',
      },
    });
  });

  it('may set one file of tls alone', () => {
    const read = readNodeFile(`${good}tls: {ca: /ca.pem}\n`, 'hamn.yaml');
    expect(read.ok && read.value.tls).toEqual({
      ca: '/ca.pem',
      cert: '/etc/hamn/tls/node.crt',
      key: '/etc/hamn/tls/node.key',
    });
  });

  it.each([
    [
      'plain http',
      good.replace('https://10', 'http://10'),
      "/etc/hamn/hamn.yaml:5:15 etcd.endpoints[0]: 'http://10.1.0.221:2379' is not legal here. It must be the URL of an etcd endpoint: https, host and port alone, such as https://10.1.0.221:2379.",
    ],
    [
      'no endpoints',
      good.replace(/endpoints:.*/, 'endpoints: []'),
      '/etc/hamn/hamn.yaml:5:3 etcd.endpoints: A list is not legal here. At least one endpoint is needed.',
    ],
    [
      'no etcd',
      good.slice(0, good.indexOf('etcd')),
      "/etc/hamn/hamn.yaml:1:1 etcd: 'etcd' is missing. How etcd is reached: endpoints, a list of https URLs.",
    ],
    [
      'an unknown key',
      `${good}logLevl: info\n`,
      "/etc/hamn/hamn.yaml:6:1 logLevl: There is no setting 'logLevl' here. Did you mean 'logLevel'? Legal are: cluster, node, group, role, address, etcd, tls, api, socket, guardSocket, stateDirectory, logLevel.",
    ],
    [
      'a relative path',
      `${good}tls: {ca: ca.pem}\n`,
      "/etc/hamn/hamn.yaml:6:11 tls.ca: 'ca.pem' is not legal here. It must be an absolute path without '..', such as /etc/hamn/node.crt.",
    ],
    [
      'a path that climbs',
      `${good}stateDirectory: /var/lib/../hamn\n`,
      "/etc/hamn/hamn.yaml:6:17 stateDirectory: '/var/lib/../hamn' is not legal here. It must be an absolute path without '..', such as /etc/hamn/node.crt.",
    ],
    [
      'one endpoint twice',
      good.replace('"https://[fd99::12]:2379/"', 'https://10.1.0.221:2379/'),
      "/etc/hamn/hamn.yaml:5:40 etcd.endpoints[1]: 'https://10.1.0.221:2379' stands here for the second time. Remove one of the two.",
    ],
    [
      'a name that is a number',
      good.replace('mn1', '1'),
      "/etc/hamn/hamn.yaml:2:7 node: '1' is not legal here. A name is a text; put quotes around one that is only digits.",
    ],
    [
      'a port that is none',
      `${good}api: {port: 70000}\n`,
      "/etc/hamn/hamn.yaml:6:13 api.port: '70000' is not legal here. A port is a whole number from 1 to 65535.",
    ],
    [
      'tabs',
      'etcd:\n\tendpoints: []\n',
      '/etc/hamn/hamn.yaml:2:1: YAML does not allow tabs for indentation. Use spaces.',
    ],
  ])('with %s is refused', (_what, text, error) => {
    expect(errorsOf(text)).toBe(error);
  });
});

describe('the JSON Schemas', () => {
  it('describe every setting that may be written', () => {
    expect(Object.keys(nodeFileJsonSchema()['properties'] ?? {})).toContain('guardSocket');
    expect(clusterJsonSchema()).toMatchObject({
      type: 'object',
      required: ['version', 'nodes', 'groups'],
      additionalProperties: false,
    });
    expect(JSON.stringify(clusterJsonSchema())).toContain('"16MB"');
  });
});
