import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsTexts } from '../connection.ts';
import { makeTestCertificates } from './test-certificates.ts';

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
    const directory = mkdtempSync(join(tmpdir(), 'hamn-etcd-'));
    const places: MemberPlace[] = [];
    for (const n of [1, 2, 3]) {
      const address = `127.0.0.${n}`;
      const [clientPort, peerPort] = await Promise.all([freePort(address), freePort(address)]);
      places.push({ name: `m${n}`, address, clientPort, peerPort });
    }
    const cluster = new EtcdCluster(directory, makeTestCertificates(directory), places);
    for (const index of [0, 1, 2]) cluster.run(index);
    return cluster;
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
      '/usr/bin/etcd',
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
