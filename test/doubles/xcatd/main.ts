import { runCommandLine } from './command-line.ts';
import { runDbWorker } from './db-worker.ts';
import { runCommandLog, runInstallMonitor, runUdpListener } from './plain-listeners.ts';
import { runStart } from './start.ts';
import { runSupervisor } from './supervisor.ts';
import { runTlsListener } from './tls-listener.ts';

/** The xcatd double: one program, a role for each of its processes, and the client commands. */
const roles: Readonly<Record<string, { readonly title: string; readonly run: () => void | Promise<void> }>> =
  {
    start: { title: 'xcatd-start', run: runStart },
    main: { title: 'xcatd', run: runSupervisor },
    ssl: { title: 'xcatd: SSL listener', run: runTlsListener },
    udp: { title: 'xcatd: UDP listener', run: runUdpListener },
    monitor: { title: 'xcatd: install monitor', run: runInstallMonitor },
    log: { title: 'xcatd: Command log writer', run: runCommandLog },
    db: { title: 'xcatd: DB Access', run: runDbWorker },
  };

const [, , name = '', ...args] = process.argv;
const role = roles[name];
try {
  if (role === undefined) {
    await runCommandLine(name, args);
  } else {
    process.title = role.title;
    await role.run();
  }
} catch (error) {
  console.error(`xcatd double (${name}): ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
