import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostPackage } from '../lab/host-packages.ts';
import type { Lab } from '../lab/index.ts';

/** OpenIPMI's simulator of a controller, on the host. */
export const bmcPackages: readonly HostPackage[] = [['openipmi', '/usr/bin/ipmi_sim']];

/** Known to everybody, good for nothing else. */
export const bmcPassword = 'lab-bmc';
/** The client's address on the segment: nodes that are cut off take their controller with them no more than a real one. */
const address = '10.99.0.100';

/**
 * The management controller of one node: OpenIPMI's ipmi_sim, which speaks IPMI 2.0, and whose power switch is the lab's. It runs in the
 * client's namespace and goes on whatever happens to its node.
 */
export class Bmc {
  readonly node: string;
  readonly port: number;
  readonly #lab: Lab;
  readonly #directory = mkdtempSync(join(tmpdir(), 'hamn-bmc-'));
  #server: Server | undefined;
  #simulator: ChildProcess | undefined;
  /** What the switch was set to, in order. */
  readonly switched: ('on' | 'off')[] = [];

  constructor(lab: Lab, node: string, port: number) {
    this.#lab = lab;
    this.node = node;
    this.port = port;
  }

  /** The options of fence_ipmilan. Without `cipher` ipmitool asks for a list that this simulator does not have, and waits ten seconds for it. */
  get options(): string {
    return `{ip: ${address}, ipport: ${this.port}, username: admin, password: {file: /etc/hamn/secrets/bmc}, lanplus: 1, cipher: 3}`;
  }

  async start(): Promise<void> {
    const [socket, state] = [join(this.#directory, 'switch'), join(this.#directory, 'state')];
    mkdirSync(state);
    this.#server = createServer({ allowHalfOpen: true }, (connection) => {
      connection.on('error', () => undefined);
      connection.on('data', (words) => {
        this.#obey(words.toString().trim().split(' ')).then(
          (answer) => connection.end(answer),
          (error: unknown) => connection.destroy(error instanceof Error ? error : undefined),
        );
      });
    });
    await once(this.#server.listen(socket), 'listening');
    const program = join(this.#directory, 'chassis-control.mjs');
    writeFileSync(
      program,
      `#!${process.execPath}
import { connect } from 'node:net';
connect(${JSON.stringify(socket)}, function () { this.end(process.argv.slice(3).join(' ') + '\\n'); }).pipe(process.stdout);
`,
    );
    chmodSync(program, 0o755);
    writeFileSync(join(this.#directory, 'lan.conf'), lanConf(this.node, this.port, program));
    writeFileSync(join(this.#directory, 'bmc.emu'), commands);
    const argv = [
      'ipmi_sim',
      '-n',
      '-c',
      join(this.#directory, 'lan.conf'),
      '-f',
      join(this.#directory, 'bmc.emu'),
      '-s',
      state,
    ];
    const [command = '', ...args] = this.#lab.clientCommand(argv);
    this.#simulator = spawn(command, args, { stdio: 'ignore' });
    this.#simulator.on('error', () => undefined);
  }

  /** It takes packets and answers none. */
  hang(): void {
    this.#simulator?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#simulator?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.#server?.close();
    const simulator = this.#simulator;
    if (simulator !== undefined && simulator.exitCode === null) {
      simulator.kill('SIGKILL');
      await once(simulator, 'exit');
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** `get power`, `set power 0`: the words that ipmi_sim gives to its chassis_control. */
  async #obey([verb, what, value]: readonly string[]): Promise<string> {
    if (what !== 'power') return verb === 'get' ? `${what}:0\n` : '';
    if (verb === 'get') return `power:${(await this.#lab.isOn(this.node)) ? 1 : 0}\n`;
    const to = value === '0' ? 'off' : 'on';
    this.switched.push(to);
    const isOn = await this.#lab.isOn(this.node);
    if (to === 'off' && isOn) await this.#lab.powerOff(this.node);
    // The controller does not wait until the machine has booted.
    if (to === 'on' && !isOn) this.#lab.powerOn(this.node).catch(() => undefined);
    return '';
  }
}

const lanConf = (node: string, port: number, program: string): string => `name "${node}"
set_working_mc 0x20
startlan 1
addr ${address} ${port}
priv_limit admin
allowed_auths_admin md5
guid a123456789abcdefa123456789abcdef
endlan
chassis_control "${program} 0x20"
user 2 true "admin" "${bmcPassword}" admin 10 md5
`;

/** A controller and nothing else: no sensors. */
const commands = `mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02
mc_enable 0x20
`;
