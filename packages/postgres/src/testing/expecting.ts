import type { PostgresServer, PostgresView, Result } from '@hamn/core';
import type { Postgres } from '../postgres.ts';

/** The value of a call that must succeed. */
export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

export const view = async (postgres: Postgres): Promise<PostgresView> => must(await postgres.observe(2000));

export type Up = Extract<PostgresServer, { kind: 'up' }>;

/** The server of a node that must be up. */
export async function up(postgres: Postgres): Promise<Up> {
  const { server } = await view(postgres);
  if (server.kind !== 'up')
    throw new Error(`The server is ${server.kind}${'reason' in server ? `: ${server.reason}` : ''}`);
  return server;
}

/** Looks again until the answer is there; fails after `limitMs`. */
export async function until<T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | undefined | false>,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`It did not come within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Milliseconds that a call takes. */
export async function timed<T>(run: () => Promise<T>): Promise<{ readonly value: T; readonly ms: number }> {
  const start = performance.now();
  const value = await run();
  return { value, ms: Math.round(performance.now() - start) };
}
