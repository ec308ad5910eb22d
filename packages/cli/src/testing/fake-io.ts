import type { App, OpenedStore } from '../app.ts';
import type { Io } from '../io.ts';

export interface FakeIo extends Io {
  /** Everything written so far. */
  readonly written: { out: string; err: string };
  /** Ctrl-C. */
  interrupt(): void;
  readonly questions: string[];
}

export interface FakeIoOptions {
  readonly terminal?: boolean;
  readonly interactive?: boolean;
  /** What a person types at each question. */
  readonly answer?: string;
  /** Called at each sleep, with how often that happened before: the place where a test lets the world go on. */
  readonly onSleep?: (count: number) => void;
}

/** Streams that are texts and a clock that jumps. */
export function fakeIo({
  terminal = false,
  interactive = false,
  answer = '',
  onSleep,
}: FakeIoOptions = {}): FakeIo {
  const written = { out: '', err: '' };
  const questions: string[] = [];
  const interrupts: (() => void)[] = [];
  let now = 1_000_000;
  let sleeps = 0;
  return {
    written,
    questions,
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    columns: 80,
    color: false,
    terminal,
    interactive,
    user: 'root on mn1',
    wallMs: () => now,
    monotonicMs: () => now,
    sleep: async (ms) => {
      now += ms;
      onSleep?.(sleeps);
      sleeps += 1;
      // A turn of the real loop, so that real sockets may answer.
      await new Promise((resolve) => setImmediate(resolve));
    },
    ask: (question) => {
      questions.push(question);
      return Promise.resolve(answer);
    },
    onInterrupt: (run) => {
      interrupts.push(run);
    },
    interrupt: () => {
      for (const run of interrupts) run();
    },
  };
}

const noStore: OpenedStore = { ok: false, error: { code: 'files', message: 'This test has no etcd.' } };

export const fakeApp = (io: Io, store: OpenedStore | ((group: string) => OpenedStore) = noStore): App => ({
  io,
  version: '0.1.0',
  openStore: (_file, group) => Promise.resolve(typeof store === 'function' ? store(group) : store),
  openLocks: () =>
    Promise.resolve({ ok: false, error: { code: 'files', message: 'This test has no etcd.' } }),
});
