import { hanging } from '../../../text/wrap.ts';
import type { Found } from './found.ts';
import { type Judgement, nameOf } from './judge.ts';

/** First what was found, then what to paste, then what to do. Commands are not wrapped: they are copied. */
export function renderDiscovery(found: Found, judgement: Judgement, columns: number): string {
  const width = Math.min(100, Math.max(60, columns));
  const others = found.servers.filter((server) => server !== judgement.chosen);
  const parts = [
    hanging('', judgement.because, width),
    ...others.map((server) => hanging('  also here: ', nameOf(server), width)),
    ...(judgement.block === undefined
      ? []
      : ['', 'For the group in cluster.yaml:', '', judgement.block.trimEnd()]),
    ...(judgement.commands.length === 0
      ? []
      : [
          '',
          'To make one, on the node that leads first:',
          '',
          ...judgement.commands.map((command) => `  ${command}`),
        ]),
    ...(judgement.notes.length === 0
      ? []
      : ['', ...judgement.notes.map((note) => hanging('- ', note, width))]),
  ];
  return `${parts.join('\n')}\n`;
}
