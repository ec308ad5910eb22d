import { connect } from 'node:net';
import { routes } from '@hamn/api';
import { call } from '../../../connect/unix-http.ts';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';

const limitMs = 1500;

export async function checkSockets({ socket, file }: Patient): Promise<readonly Finding[]> {
  const [daemon, guard] = await Promise.all([
    call({ socket, method: 'GET', path: routes.healthz, timeoutMs: limitMs }),
    file.role === 'witness' ? undefined : askGuard(file.guardSocket),
  ]);
  return [
    daemon.ok
      ? well('hamnd answers.')
      : broken(
          daemon.error.message,
          'This node neither leads nor follows, and promises nothing.',
          'systemctl start hamnd; `journalctl -u hamnd` says why it ended.',
        ),
    ...(guard === undefined ? [] : [guardFinding(guard, file.guardSocket)]),
    ...(guard === undefined || 'trouble' in guard ? [] : [watchdogFinding(guard.view)]),
  ];
}

/** What the guard tells, or why it tells nothing. */
type Guarded = { readonly view: GuardWords } | { readonly trouble: string };

/** Of the guard's view only what the doctor speaks of; a guard of another version may tell less. */
interface GuardWords {
  readonly state: string;
  readonly watchdog: Fields;
}
type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

/** Asks without changing anything: `observe` of the guard's line protocol. */
function askGuard(path: string): Promise<Guarded> {
  return new Promise((resolve) => {
    const connection = connect(path);
    let text = '';
    const end = (answer: Guarded): void => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(limitMs, () => end({ trouble: `it did not answer within ${limitMs} ms` }));
    connection.on('error', (error) => end({ trouble: error.message }));
    connection.on('close', () => end({ trouble: 'it closed the connection' }));
    connection.on('data', (chunk) => {
      text += chunk.toString('utf8');
      const view = text
        .split('\n')
        .slice(0, -1)
        .map(viewOf)
        .find((each) => each !== undefined);
      if (view !== undefined) end({ view });
      else if (text.length > 1_000_000) end({ trouble: 'it answered something else' });
    });
    connection.write(`${JSON.stringify({ id: 1, order: { kind: 'observe' } })}\n`);
  });
}

/** Undefined for a notice, and for what is no answer. */
function viewOf(line: string): GuardWords | undefined {
  try {
    const view = fieldsOf(fieldsOf(JSON.parse(line))['view']);
    const { state } = view;
    return typeof state === 'string' ? { state, watchdog: fieldsOf(view['watchdog']) } : undefined;
  } catch {
    return undefined;
  }
}

function guardFinding(guard: Guarded, path: string): Finding {
  if ('trouble' in guard)
    return broken(
      `hamn-guard does not answer on ${path}: ${guard.trouble}.`,
      'Without it this node never becomes primary.',
      'systemctl enable --now hamn-guard',
    );
  if (guard.view.state === 'failed')
    return broken(
      'hamn-guard could not make this node harmless.',
      'Something of an earlier term may still run here; this node will not lead.',
      'journalctl -u hamn-guard names it; end it, or reboot this machine.',
    );
  return well(`hamn-guard answers (${guard.view.state}).`);
}

function watchdogFinding({ watchdog }: GuardWords): Finding {
  if (watchdog['state'] === 'active') {
    const name = String(watchdog['identity']);
    return well(`The watchdog ${name} resets this machine when hamn-guard cannot make it harmless.`);
  }
  if (watchdog['state'] === 'missing') {
    const what = `No watchdog guards this node: ${String(watchdog['reason'])}`;
    const mend =
      "Load the driver of this machine's watchdog (or softdog) at boot: a file in /etc/modules-load.d. docs/safety.md has more.";
    return watchdog['required'] === true
      ? broken(what, 'It is required (HAMN_GUARD_WATCHDOG), so this node never becomes primary.', mend)
      : doubtful(what, 'Should the guard hang, or fail to make this node harmless, nothing resets it.', mend);
  }
  return well('No watchdog is used (HAMN_GUARD_WATCHDOG is off).');
}
