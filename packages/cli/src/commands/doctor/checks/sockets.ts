import { connect } from 'node:net';
import { routes } from '@hamn/api';
import { call } from '../../../connect/unix-http.ts';
import { broken, type Finding, well } from '../finding.ts';
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
  ];
}

/** The state that the guard tells, or why it tells none. */
type Guarded = { readonly state: string } | { readonly trouble: string };

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
      const state = /"state"\s*:\s*"([a-z]+)"/.exec(text)?.[1];
      if (state !== undefined) end({ state });
      else if (text.length > 1_000_000) end({ trouble: 'it answered something else' });
    });
    connection.write(`${JSON.stringify({ id: 1, order: { kind: 'observe' } })}\n`);
  });
}

function guardFinding(guard: Guarded, path: string): Finding {
  if ('trouble' in guard)
    return broken(
      `hamn-guard does not answer on ${path}: ${guard.trouble}.`,
      'Without it this node never becomes primary.',
      'systemctl enable --now hamn-guard',
    );
  if (guard.state === 'failed')
    return broken(
      'hamn-guard could not make this node harmless.',
      'Something of an earlier term may still run here; this node will not lead.',
      'journalctl -u hamn-guard names it; end it, or reboot this machine.',
    );
  return well(`hamn-guard answers (${guard.state}).`);
}
