import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real NFSv4 server in user space (nfs-ganesha), on a free port of the loopback. */
export interface Ganesha {
  readonly port: number;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly stop: () => Promise<void>;
}

const startMs = 60_000;

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

const takesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });

/** @throws Error with its log when it takes no connection within a minute */
export async function startGanesha(): Promise<Ganesha> {
  const directory = mkdtempSync(join(tmpdir(), 'hamn-ganesha-'));
  const [port, file, log] = [await freePort(), join(directory, 'conf'), join(directory, 'log')];
  writeFileSync(
    file,
    `NFS_CORE_PARAM { NFS_Port = ${port}; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; Bind_addr = 127.0.0.1; }
NFSv4 { Graceless = true; }
`,
  );
  const child = spawn('/usr/bin/ganesha.nfsd', ['-F', '-L', log, '-f', file, '-p', join(directory, 'pid')], {
    stdio: 'ignore',
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ganesha = { port, signal: (name: NodeJS.Signals) => void child.kill(name), stop };
  async function stop(): Promise<void> {
    child.kill('SIGKILL');
    await exited;
    rmSync(directory, { recursive: true, force: true });
  }
  const giveUpAt = performance.now() + startMs;
  while (!(await takesConnections(port))) {
    if (hasEnded(child) || performance.now() > giveUpAt) {
      const said = readFileSync(log, 'utf8').slice(-2000);
      await stop();
      throw new Error(`ganesha.nfsd does not serve: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return ganesha;
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
