import { fail, ok, type Result } from '@hamn/core';
import { type ClockPort, type MoveFailure, type MoveOrder, type Permit, termOver } from '@hamn/engine';
import { type RunCommand, said } from './run-command.ts';

/** What may stand in a noderange or beside an option without meaning something else: a plain name. */
const nameForm = /^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$/;

/** The words after `snmove`. Errors: `failed` for a name that xCAT would read as a range, a pattern or an option. */
export function snmoveArgs(order: MoveOrder): Result<readonly string[], 'failed'> {
  const { from, to, nodes, xcatmaster, databaseOnly } = order;
  const names = [from, to, ...nodes, ...(xcatmaster === undefined ? [] : [xcatmaster])];
  const bad = names.find((name) => !nameForm.test(name));
  if (bad !== undefined)
    return fail(
      'failed',
      `'${bad}' is not a plain name; snmove would read something else in it. Nothing was begun.`,
    );
  if (nodes.length === 0) return fail('failed', 'No node is named; snmove would move all of them.');
  return ok([
    nodes.join(','),
    '-s',
    from,
    '-d',
    to,
    ...(xcatmaster === undefined ? [] : ['-D', xcatmaster]),
    ...(databaseOnly ? ['-i'] : []),
  ]);
}

export interface SnmoveDeps {
  readonly clock: ClockPort;
  readonly run: RunCommand;
  readonly permit: Permit;
}

/** One snmove. What it says is kept; whether it moved anything only the tables tell, for it ends with 0 after errors of single nodes, too. */
export async function snmove(
  order: MoveOrder,
  directory: string,
  limitMs: number,
  { clock, run, permit }: SnmoveDeps,
): Promise<Result<string, MoveFailure>> {
  const args = snmoveArgs(order);
  if (!args.ok) return args;
  if (!permit()) return termOver('snmove was started');
  const ran = await run(`${directory}/snmove`, args.value, limitMs, clock);
  if (!ran.ok) {
    const { code, message } = ran.error;
    if (code === 'not-started')
      return fail('no-command', `${message} Is xCAT installed on this node (/opt/xcat)?`);
    // Its output without end says nothing about what xcatd does.
    return fail('timeout', `${message} xcatd may go on with it.`);
  }
  const { code } = ran.value;
  const words = said(ran.value);
  if (code === 0) return ok(words === '' ? 'snmove said nothing.' : `snmove said: ${words}`);
  return fail(
    'failed',
    `snmove ended with ${code ?? 'a signal'}. It said: ${words === '' ? 'nothing' : words}`,
  );
}
