import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeId } from '@hamn/core';
import type { StorePort } from '@hamn/engine';
import { eventually, testClock } from '@hamn/engine/testing';
import { Connection } from '../connection.ts';
import type { TlsTexts } from '../line.ts';
import { createStore } from '../store.ts';
import { status } from '../wire/maintenance.ts';
import { makeTestCertificates } from './test-certificates.ts';

const program = '/usr/bin/etcd';

interface MemberPlace {
  readonly name: string;
  readonly address: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

/** Three real etcd members on loopback addresses of their own, with client certificates required. For tests. */
export class EtcdCluster {
  readonly tls: TlsTexts;
  readonly #directory: string;
  readonly #places: readonly MemberPlace[];
  readonly #running = new Map<number, ChildProcess>();

  private constructor(directory: string, tls: TlsTexts, places: readonly MemberPlace[]) {
    this.#directory = directory;
    this.tls = tls;
    this.#places = places;
  }

  static async start(): Promise<EtcdCluster> {
    if (!existsSync(program)) throw new Error(`${program} is missing; run 'apt-get install etcd-server'.`);
    const directory = mkdtempSync(join(tmpdir(), 'hamn-etcd-'));
    const places: MemberPlace[] = [];
    for (const n of [1, 2, 3]) {
      const address = `127.0.0.${n}`;
      const [clientPort, peerPort] = await Promise.all([freePort(address), freePort(address)]);
      places.push({ name: `m${n}`, address, clientPort, peerPort });
    }
    const cluster = new EtcdCluster(directory, makeTestCertificates(directory), places);
    for (const index of [0, 1, 2]) cluster.run(index);
    await eventually('a leader in etcd', 20_000, async () => (await cluster.leaderIndex()) !== undefined);
    return cluster;
  }

  /** A store as the node of member `local` has it, which is first in its endpoints. */
  store(group: string, local = 0): StorePort {
    const own = this.endpoints[local] ?? '';
    return createStore({
      cluster: 'test',
      group,
      endpoints: [own, ...this.endpoints.filter((url) => url !== own)],
      tls: this.tls,
      node: nodeId(this.nameOf(local)),
      address: this.addressOf(local),
      witnesses: [this.addressOf(2)],
      clock: testClock,
    });
  }

  /** The member that two or more take for the leader; undefined while there is none. */
  async leaderIndex(): Promise<number | undefined> {
    const connections = this.endpoints.map(
      (url) => new Connection({ url, tls: this.tls }, { clock: testClock }),
    );
    const answers = await Promise.all(connections.map((one) => one.call(status, Buffer.alloc(0), 500)));
    for (const connection of connections) connection.close();
    const statuses = answers.map((answer) => (answer.ok ? answer.value : undefined));
    const index = statuses.findIndex((one) => one !== undefined && one.leader === one.header.memberId);
    const votes = statuses.filter((one) => one?.leader === statuses[index]?.header.memberId).length;
    return index >= 0 && votes >= 2 ? index : undefined;
  }

  /** Client URLs, in the order of the members. */
  get endpoints(): readonly string[] {
    return this.#places.map((place) => clientUrl(place));
  }

  addressOf(index: number): string {
    return this.#place(index).address;
  }

  nameOf(index: number): string {
    return this.#place(index).name;
  }

  /** Starts a member that is not running; its data is kept. */
  run(index: number): void {
    const place = this.#place(index);
    const tls = ['ca.crt', 'node.crt', 'node.key'].map((name) => join(this.#directory, name));
    const [ca = '', cert = '', key = ''] = tls;
    const member = spawn(
      program,
      [
        ...['--name', place.name, '--data-dir', join(this.#directory, place.name), '--log-level', 'fatal'],
        ...['--listen-client-urls', clientUrl(place), '--advertise-client-urls', clientUrl(place)],
        ...['--listen-peer-urls', peerUrl(place), '--initial-advertise-peer-urls', peerUrl(place)],
        ...['--initial-cluster', this.#places.map((one) => `${one.name}=${peerUrl(one)}`).join(',')],
        ...['--client-cert-auth', '--trusted-ca-file', ca, '--cert-file', cert, '--key-file', key],
        ...['--peer-client-cert-auth', '--peer-trusted-ca-file', ca, '--peer-cert-file', cert],
        ...['--peer-key-file', key],
      ],
      { stdio: 'ignore' },
    );
    this.#running.set(index, member);
  }

  signal(index: number, signal: NodeJS.Signals): void {
    this.#running.get(index)?.kill(signal);
  }

  /** Ends with SIGKILL, and waits for the end. */
  async kill(index: number): Promise<void> {
    const member = this.#running.get(index);
    if (member === undefined) return;
    this.#running.delete(index);
    if (member.exitCode !== null || member.signalCode !== null) return;
    const gone = new Promise((resolve) => member.once('exit', resolve));
    member.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    await Promise.all([0, 1, 2].map((index) => this.kill(index)));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #place(index: number): MemberPlace {
    const place = this.#places[index];
    if (place === undefined) throw new Error(`There is no member ${index}.`);
    return place;
  }
}

const clientUrl = (place: MemberPlace): string => `https://${place.address}:${place.clientPort}`;
const peerUrl = (place: MemberPlace): string => `https://${place.address}:${place.peerPort}`;

const freePort = (address: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, address, () => {
      const bound = server.address();
      server.close(() => resolve(bound !== null && typeof bound === 'object' ? bound.port : 0));
    });
  });
