import { type Timings, validateTimings } from '@hamn/core';
import type { ClusterText } from '../cluster-schema.ts';
import { checkFencing } from './check-fencing.ts';
import { checkGroups } from './check-groups.ts';
import { checkGroupNodes, checkNodes } from './check-nodes.ts';
import { checkResources } from './check-resources.ts';
import { checkServiceNodes } from './check-service-nodes.ts';
import { checkServices } from './check-services.ts';
import { checkVips } from './check-vips.ts';
import { type Finding, onKey, wrong } from './finding.ts';

/** Everything that can only be seen by looking at several settings at once. */
export function checkCluster(text: ClusterText, timings: Timings): readonly Finding[] {
  return [
    ...checkTimings(text, timings),
    ...checkNodes(text),
    ...checkGroups(text),
    ...checkVips(text),
    ...checkFencing(text, timings),
    ...Object.entries(text.groups).flatMap(([name, group]) => [
      ...checkGroupNodes(text, name, group),
      ...checkServices(name, group),
      ...checkResources(name, group, text.fencing?.mode ?? 'none'),
      ...checkServiceNodes(text, name, group),
    ]),
  ];
}

function checkTimings(text: ClusterText, timings: Timings): readonly Finding[] {
  const checked = validateTimings(timings);
  if (checked.ok) return [];
  return [onKey(wrong(['timings'], text.timings, checked.error.message))];
}
