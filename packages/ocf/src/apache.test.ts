import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, agentOf, hostOf } from './testing/scene.ts';

/** The real apache agent with Debian's server on a port of 127.0.0.1. */
const folder = mkdtempSync(join(tmpdir(), 'hamn-ocf-apache-'));
const host = hostOf({ temporary: join(folder, 'tmp') });
const configfile = join(folder, 'httpd.conf');
const pidFile = join(folder, 'httpd.pid');
let port = 0;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });

beforeAll(async () => {
  port = await freePort();
  const modules = ['mpm_event', 'authz_core', 'status'];
  writeFileSync(
    configfile,
    `ServerRoot ${folder}
PidFile ${pidFile}
Listen 127.0.0.1:${port}
ServerName localhost
User www-data
Group www-data
ErrorLog ${folder}/error.log
StartServers 1
${modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
DefaultRuntimeDir ${folder}
<Location /server-status>
  SetHandler server-status
  Require all granted
</Location>
`,
  );
});

/** All of it: workers outlive their parent, and the agent then says that it runs. The server leads a process group of its own. */
async function killServer(): Promise<void> {
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const runs = (): boolean => {
    const command = `/proc/${pid}/cmdline`;
    return existsSync(command) && readFileSync(command, 'utf8').includes(configfile);
  };
  if (!runs()) return;
  process.kill(-pid, 'SIGKILL');
  // The agent takes a zombie for a running server.
  await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 10_000 }).toBe(false);
}

afterAll(async () => {
  if (existsSync(pidFile)) await killServer();
  rmSync(folder, { recursive: true });
});

describe('apache', () => {
  it('is started, asked for its page, killed, seen to be gone, and stopped', async () => {
    const agent = await agentOf('ocf:heartbeat:apache', host);
    const statusurl = `http://127.0.0.1:${port}/server-status`;
    const parameters = { configfile, httpd: '/usr/sbin/apache2', statusurl, envfiles: '/dev/null' };
    const resource = { name: 'web', parameters };
    const repeated = { action: 'monitor', intervalMs: 10_000 } as const;
    expect(await act(agent, resource, 'monitor', host)).toBe('stopped');
    expect(await act(agent, resource, 'start', host)).toBe('running');
    expect((await fetch(statusurl)).status).toBe(200);
    expect(await act(agent, resource, repeated, host)).toBe('running');
    await killServer();
    expect(await act(agent, resource, repeated, host)).toBe('stopped');
    expect(await act(agent, resource, 'stop', host)).toBe('stopped');
    expect(await act(agent, resource, 'start', host)).toBe('running');
    expect(await act(agent, resource, 'stop', host)).toBe('stopped');
    expect(await act(agent, resource, 'monitor', host)).toBe('stopped');
    await expect(fetch(statusurl)).rejects.toThrow();
  });
});
