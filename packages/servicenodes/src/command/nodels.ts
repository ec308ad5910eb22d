import {
  type ClientNodeId,
  clientNodeId,
  fail,
  ok,
  type Placed,
  type Placement,
  type Result,
  serviceNodeId,
} from '@hamn/core';
import type { ClockPort, TablesFailure } from '@hamn/engine';
import { type RunCommand, said } from './run-command.ts';

const columns = ['noderes.servicenode', 'noderes.xcatmaster'] as const;

// noderange(3): a regular expression; the group `all` is only a habit.
const everyNode = '/.*';

/**
 * `nodels -H /.*`: unlike tabdump, which prints rows as they stand, it resolves rows of groups and regular expressions for each node.
 */
export async function readPlacement(
  directory: string,
  limitMs: number,
  clock: ClockPort,
  run: RunCommand,
): Promise<Result<Placement, TablesFailure>> {
  const ran = await run(`${directory}/nodels`, ['-H', everyNode, ...columns], limitMs, clock);
  if (!ran.ok) {
    const { code, message } = ran.error;
    if (code === 'not-started')
      return fail('no-command', `${message} Is xCAT installed on this node (/opt/xcat)?`);
    return fail(code === 'timeout' ? 'timeout' : 'broken', message);
  }
  const { code, stdout, stderr } = ran.value;
  if (code !== 0)
    return fail(
      'broken',
      `nodels ended with ${code ?? 'a signal'}. It said: ${said(ran.value) || 'nothing'}`,
    );
  // An error beside a part of the nodes is no answer: the others would look as if they did not exist.
  if (/^\s*error/im.test(stderr) || /^\s*error:/im.test(stdout))
    return fail('broken', `nodels ended with 0, but said: ${said({ stdout: '', stderr: stderr || stdout })}`);
  return parsePlacement(stdout);
}

/** `n1: noderes.servicenode: sn1,sn2`, a line for each node and column. Errors: `broken`, with the line. */
export function parsePlacement(text: string): Result<Placement, 'broken'> {
  const found = new Map<ClientNodeId, Placed>();
  const seen = new Set<string>();
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue;
    const [, name = '', column = '', value = ''] =
      /^([A-Za-z0-9][\w.-]*): (noderes\.\w+):(?: (.*))?$/.exec(line) ?? [];
    const known = columns.find((one) => one === column);
    if (known === undefined)
      return fail('broken', `nodels printed a line that cannot be read: '${line.slice(0, 100)}'.`);
    const node = clientNodeId(name);
    if (seen.has(`${name} ${known}`)) return fail('broken', `nodels printed ${known} of ${name} twice.`);
    seen.add(`${name} ${known}`);
    const before = found.get(node) ?? { node, servicenode: [], xcatmaster: '' };
    const names = value.split(',').map((one) => one.trim());
    found.set(
      node,
      known === 'noderes.xcatmaster'
        ? { ...before, xcatmaster: value.trim() }
        : { ...before, servicenode: names.filter((one) => one !== '').map(serviceNodeId) },
    );
  }
  return ok(found);
}
