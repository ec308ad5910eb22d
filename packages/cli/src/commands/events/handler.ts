import { type EventDocument, eventSchema, routes } from '@hamn/api';
import type { App, GlobalOptions } from '../../app.ts';
import { loadNodeFile } from '../../connect/node-file.ts';
import { otherGroup } from '../../connect/open-source.ts';
import { streamLines } from '../../connect/unix-stream.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { paint } from '../../text/colour.ts';
import { renderEvent } from './render.ts';

export interface EventsOptions extends GlobalOptions {
  readonly follow: boolean;
  readonly since: string | undefined;
  readonly json: boolean;
}

/** Events live in hamnd's memory and in the system's journal; etcd has none. */
export async function events(options: EventsOptions, app: App): Promise<ExitCode> {
  const since = readSince(options.since, app.io.wallMs());
  if (since === undefined) {
    app.io.err(
      `'${options.since ?? ''}' is neither a sequence number nor a length of time such as 30s, 10min or 2h.\n`,
    );
    return exitCodes.usage;
  }
  const file = await loadNodeFile(options.config);
  if (file.ok && file.value.group !== options.group) {
    app.io.err(`${otherGroup(file.value)} Ask for events on a node of ${options.group}.\n`);
    return exitCodes.usage;
  }
  const socket = options.socket ?? (file.ok ? file.value.socket : '/run/hamn/hamnd.sock');
  const query = new URLSearchParams({
    group: options.group,
    ...(since.sequence === undefined ? {} : { since: String(since.sequence) }),
    ...(options.follow ? { follow: '1' } : {}),
  });
  const colour = paint(app.io.color);
  const ended = await streamLines(
    { socket, path: `${routes.events}?${query}`, silenceMs: options.follow ? undefined : 5000 },
    (line) => {
      const event = readEvent(line);
      if (event === undefined || event.atWallMs < since.fromWallMs) return;
      app.io.out(`${options.json ? JSON.stringify(event) : renderEvent(event, colour)}\n`);
    },
    app.io.onInterrupt,
  );
  if (ended.ok) return exitCodes.ok;
  app.io.err(`${ended.error.message} What hamnd wrote before is in the journal: \`journalctl -u hamnd\`.\n`);
  return ended.error.code === 'denied' ? exitCodes.usage : exitCodes.unreachable;
}

interface Since {
  readonly sequence: number | undefined;
  readonly fromWallMs: number;
}

function readSince(text: string | undefined, nowWallMs: number): Since | undefined {
  if (text === undefined) return { sequence: undefined, fromWallMs: 0 };
  if (/^\d+$/.test(text)) return { sequence: Number(text), fromWallMs: 0 };
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|min|h|d)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const unitMs = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? 1;
  return { sequence: undefined, fromWallMs: nowWallMs - Number(digits) * unitMs };
}

function readEvent(line: string): EventDocument | undefined {
  try {
    const read = eventSchema.safeParse(JSON.parse(line));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}
