import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';

const limitMs = 350;

/** One member of etcd, asked by its own health page, which makes a linearizable read: only a member with a quorum says yes. */
export class MemberHealth {
  readonly #address: string;
  readonly #agent: Agent;

  constructor(name: string, address: string, certificates: string) {
    this.#address = address;
    const file = (each: string): Buffer => readFileSync(join(certificates, each));
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 1,
      ca: file('ca.crt'),
      cert: file('node.crt'),
      key: file('node.key'),
      servername: name,
    });
  }

  ask(): Promise<boolean> {
    return new Promise((resolve) => {
      const asked = request(
        {
          host: this.#address,
          port: 2379,
          path: '/health',
          agent: this.#agent,
          signal: AbortSignal.timeout(limitMs),
        },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode === 200);
        },
      );
      asked.once('error', () => resolve(false));
      asked.end();
    });
  }
}
