import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Journal, KeptEvent } from '@hamn/telemetry';

/** A reader that is this far behind is cut off; it asks again with `since`. */
const backlogBytes = 4 * 1024 * 1024;

/** NDJSON: the kept events, and with `follow=1` those that come. */
export function streamEvents(
  journal: Journal,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const since = Number(url.searchParams.get('since') ?? 0);
  response.writeHead(200, {
    'content-type': 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
  });
  const send = (event: KeptEvent): void => {
    response.write(`${JSON.stringify(event)}\n`);
  };
  for (const event of journal.since(Number.isFinite(since) ? since : 0)) send(event);
  if (url.searchParams.get('follow') !== '1') {
    response.end();
    return;
  }
  const unfollow = journal.follow((event) => {
    if (response.writableLength > backlogBytes) response.destroy();
    else send(event);
  });
  request.on('close', unfollow);
  response.on('error', unfollow);
}
