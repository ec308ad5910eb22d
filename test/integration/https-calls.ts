import { lab } from './whole-cluster.ts';

/** One request to a port of a node, made by a program on another one. */
export interface Call {
  readonly what: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  /** A directory with node.crt and node.key; none: no certificate. */
  readonly as?: string;
  readonly tls?: 'TLSv1.1' | 'TLSv1.2' | 'none';
}

/** Runs in the package's own Node. Prints for each call its status and text, or the code of what went wrong. */
const program = `
const fs = require('fs'), https = require('https'), http = require('http');
const read = (file) => fs.readFileSync(file, 'utf8');
const one = (call) => new Promise((resolve) => {
  const { host, port, path, method = 'GET', body, as, tls } = call;
  const own = as === undefined ? {} : { cert: read(as + '/node.crt'), key: read(as + '/node.key') };
  const old = tls === undefined ? {} : { minVersion: tls, maxVersion: tls, ciphers: 'ALL:@SECLEVEL=0' };
  const options = { host, port, path, method, agent: false, timeout: 5000, ca: read('/etc/hamn/tls/ca.crt') };
  const asked = (tls === 'none' ? http : https).request({ ...options, ...own, ...(tls === 'none' ? {} : old) }, (response) => {
    let text = '';
    response.on('data', (piece) => { text += piece; });
    response.on('end', () => resolve({ status: response.statusCode, text }));
  });
  asked.on('timeout', () => asked.destroy());
  asked.on('error', (error) => resolve({ status: 0, text: error.code || error.message }));
  asked.end(body);
});
(async () => {
  const answers = [];
  for (const call of JSON.parse(process.argv[1])) answers.push(await one(call));
  console.log(JSON.stringify(answers));
})();
`;

export interface Said {
  readonly status: number;
  readonly text: string;
}

/** The answers by the names of the calls. */
export async function makeCalls(node: string, calls: readonly Call[]): Promise<ReadonlyMap<string, Said>> {
  const argv = ['/usr/lib/hamn/node', '-e', program, JSON.stringify(calls)];
  const answers: readonly Said[] = JSON.parse(await lab.mustExec(node, argv, { timeoutMs: 60_000 }));
  return new Map(calls.map((call, at) => [call.what, answers[at] ?? { status: -1, text: 'no answer' }]));
}
