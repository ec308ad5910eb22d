import { lstat } from 'node:fs/promises';
import { type MarkerResource, presentValue } from '@hamn/core';
import { broken, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** By its marker files other programs take this node for what it is, or for something else. */
export async function checkMarkers({ file, view, settings }: Patient): Promise<readonly Finding[]> {
  if (file.role === 'witness' || settings === undefined || view === undefined) return [];
  const leader = presentValue(view.leader);
  const isPrimary = leader?.kind === 'held' && leader.holder === file.node;
  const found = settings.resources.map(async ({ name, what }) =>
    what.kind === 'marker' ? [await judge(name, what, file.node, isPrimary)] : [],
  );
  return (await Promise.all(found)).flat();
}

async function judge(
  name: string,
  { onPrimary, elsewhere }: MarkerResource,
  node: string,
  isPrimary: boolean,
): Promise<Finding> {
  const [right, wrong] = isPrimary ? [onPrimary, elsewhere] : [elsewhere, onPrimary];
  const [hasRight, hasWrong] = await Promise.all([isThere(right), isThere(wrong)]);
  if (hasRight && !hasWrong) return well(`${right} is here, and ${wrong} is not.`);
  const what = hasRight
    ? `${right} and ${wrong} are both here.`
    : hasWrong
      ? `${wrong} is here in place of ${right}.`
      : `Neither ${right} nor ${wrong} is here.`;
  const role = isPrimary ? 'the primary' : 'not the primary';
  return broken(
    what,
    `This node is ${role}, and programs that look at these files take it for something else. hamnd puts it right within seconds where it can.`,
    `hamnctl resources --node ${node} shows why '${name}' does not; hamnctl cleanup ${name} lets it try again.`,
  );
}
