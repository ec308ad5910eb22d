import { lstat } from 'node:fs/promises';
import type { MakemnCheck } from '@hamn/api';
import { xcatMarkers } from '@hamn/config';

export interface MarkerFiles {
  readonly onPrimary: string;
  readonly elsewhere: string;
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** xCAT's own files on this node, which is the primary. `follows`: a resource moves them with the role. */
export async function checkMarkerFiles(
  follows: boolean,
  files: MarkerFiles = xcatMarkers,
): Promise<MakemnCheck> {
  const { onPrimary, elsewhere } = files;
  const [primary, other] = await Promise.all([isThere(onPrimary), isThere(elsewhere)]);
  const line = `a line \`xcat-role: {kind: marker, onPrimary: ${onPrimary}, elsewhere: ${elsewhere}}\` below \`resources:\` (\`preset: xcat\` has it)`;
  if (primary && !other) {
    const note = follows ? '' : ` Nothing moves it with the role: add ${line}.`;
    return { state: 'ok', text: `${onPrimary} is here, and ${elsewhere} is not.${note}` };
  }
  const text = primary
    ? `${onPrimary} and ${elsewhere} are both here: xCAT's commands take this node for a service node.`
    : `${onPrimary} is not here: xCAT's commands do not take this node for the management node.`;
  if (follows) return { state: 'pending', text };
  return {
    state: 'wrong',
    text,
    remedy: `touch ${onPrimary}; rm -f ${elsewhere}; and so that they follow the role, ${line}.`,
  };
}
