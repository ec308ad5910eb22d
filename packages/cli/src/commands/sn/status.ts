import type { ServiceNodesDocument } from '@hamn/api';
import type { App, GlobalOptions } from '../../app.ts';
import { complain, withSource } from '../../connect/open-source.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { renderServiceNodes } from './render.ts';

export interface SnStatusOptions extends GlobalOptions {
  readonly json: boolean;
}

export function snStatus(options: SnStatusOptions, app: App): Promise<ExitCode> {
  const { io } = app;
  return withSource(options, app, async (source) => {
    const read = await source.serviceNodes();
    if (!read.ok) return complain(app, read.error);
    const document = read.value;
    const { columns: width, color } = io;
    io.out(
      options.json
        ? `${JSON.stringify(document, undefined, 2)}\n`
        : `${renderServiceNodes(document, { width, color })}\n`,
    );
    return isWell(document) ? exitCodes.ok : exitCodes.problems;
  });
}

const isWell = ({ missing, us, damagedRecords, serviceNodes }: ServiceNodesDocument): boolean =>
  missing.length === 0 &&
  us === undefined &&
  damagedRecords === 0 &&
  serviceNodes.every(({ state, flapping }) => (state === 'up' || state === 'maintenance') && !flapping);
