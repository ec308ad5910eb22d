import type { Batch } from '../service-nodes/batches.ts';
import { type MoveRecord, nodesOf } from '../service-nodes/records.ts';
import type { ServiceNodeIntention } from '../service-nodes/step.ts';

export const batchText = ({ kind, from, to, nodes, xcatmaster }: Batch): string =>
  `${kind} ${from}->${to} ${nodes.join(',')}${xcatmaster === undefined ? '' : ` master=${xcatmaster}`}`;

export function intentionText(intention: ServiceNodeIntention): string {
  if (intention.kind === 'settle') return `-> settle ${intention.id}`;
  const { record, xcatmaster } = intention;
  return `-> ${record.id} ${batchText({ ...record, nodes: nodesOf(record), xcatmaster })}`;
}

export const recordText = (record: MoveRecord): string => {
  const was = record.was.map(
    ({ servicenode, xcatmaster, nodes }) =>
      `${nodes.join(',')}=${servicenode.join(',')}${xcatmaster === '' ? '' : `(${xcatmaster})`}`,
  );
  const left = record.left.length === 0 ? '' : ` left ${record.left.join(',')}`;
  return `${record.id} ${record.kind} ${record.from}->${record.to} ${record.stage}${left}; was ${was.join(' ')}`;
};
