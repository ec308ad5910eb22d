import { z } from 'zod';
import { jsonOf } from '../../../../text/json.ts';
import { levelOf, type Part } from './part.ts';

const answerSchema = z.object({
  Controllers: z.array(
    z.object({
      'Command Status': z.looseObject({
        Controller: z.union([z.number(), z.string()]).optional(),
        Status: z.string(),
        Description: z.string().optional(),
      }),
      'Response Data': z
        .looseObject({
          'Product Name': z.string().optional(),
          'VD LIST': z
            .array(z.looseObject({ 'DG/VD': z.string(), TYPE: z.string(), State: z.string() }))
            .optional(),
          'PD LIST': z.array(z.looseObject({ 'EID:Slt': z.string(), State: z.string() })).optional(),
          BBU_Info: z.array(z.looseObject({ Model: z.string(), State: z.string() })).optional(),
          Cachevault_Info: z.array(z.looseObject({ Model: z.string(), State: z.string() })).optional(),
        })
        .optional(),
    }),
  ),
});

const goodVolumes = new Set(['Optl']);
const badVolumes = new Set(['Dgrd', 'Pdgd', 'OfLn']);
const goodDisks = new Set(['Onln', 'GHS', 'DHS', 'UGood', 'JBOD', 'UGShld', 'HSPShld']);
const badDisks = new Set(['Offln', 'UBad', 'Failed', 'Msng']);
const goodCaches = new Set(['Optimal', 'Optl']);

/**
 * `storcli /call show J`, and `perccli` likewise (Broadcom StorCLI user guide; the state words stand in its legends). Undefined: it is not understood;
 * empty: there is no controller.
 */
export function readStorcli(text: string): readonly Part[] | undefined {
  const answer = answerSchema.safeParse(jsonOf(text));
  if (!answer.success) return undefined;
  const parts: Part[] = [];
  for (const { 'Command Status': status, 'Response Data': data } of answer.data.Controllers) {
    if (/no controller found/i.test(status.Description ?? '')) continue;
    const volumes = data?.['VD LIST'] ?? [];
    const disks = data?.['PD LIST'] ?? [];
    // Without a word of any disk it says nothing of their health.
    if (status.Status !== 'Success' || data === undefined || volumes.length + disks.length === 0)
      return undefined;
    const on = `controller ${status.Controller ?? '?'}`;
    const add = (what: string, state: string, good: Set<string>, bad: Set<string>): void => {
      parts.push({ what: `${what} of ${on}`, state, level: levelOf(state, good, bad) });
    };
    for (const { 'DG/VD': id, TYPE: type, State: state } of volumes)
      add(`virtual drive ${id} (${type})`, state, goodVolumes, badVolumes);
    for (const { 'EID:Slt': slot, State: state } of disks)
      add(`disk ${slot.trim()}`, state, goodDisks, badDisks);
    for (const { Model: model, State: state } of [...(data.BBU_Info ?? []), ...(data.Cachevault_Info ?? [])])
      add(`cache battery ${model}`, state, goodCaches, new Set());
  }
  return parts;
}
