import type { XcatAnswer, XcatRequest } from './xml.ts';

/** What the double's processes say to each other. The main process is between the listener and the DB worker, as in the original. */
export type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'ask'; readonly id: number; readonly request: XcatRequest }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: XcatAnswer };

const kinds: readonly unknown[] = ['ready', 'failed', 'ask', 'answer'];

export const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'kind' in value && kinds.includes(value.kind);

/** To the parent. When it is dead the message is lost, and whoever waits for an answer waits: as with the original. */
export function tell(message: Message): void {
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

/** A child outlives its parent: when the channel breaks, nothing happens. */
export function hear(take: (message: Message) => void): void {
  process.on('message', (value) => {
    if (isMessage(value)) take(value);
  });
  process.on('disconnect', () => undefined);
}
