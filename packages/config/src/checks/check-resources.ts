import {
  didYouMean,
  type GraphProblem,
  graphProblems,
  isNodeGround,
  protectionDemands,
  type ResourceSettings,
  resourceGraph,
  resourceKindNames,
} from '@hamn/core';
import type { GroupText } from '../cluster-schema.ts';
import type { ConfigPath } from '../issues.ts';
import { commonFields, kindFields, plainName } from '../resource-fields.ts';
import { givenLines, type ResourceLine, resourceLines } from '../resource-lines.ts';
import { resourcesOfLines, unitNames } from '../resource-settings.ts';
import { checkDatabasePlace } from './check-database-place.ts';
import { checkTwice } from './check-resource-twins.ts';
import { checkSync } from './check-sync.ts';
import { doubtful, type Finding, onKey, wrong } from './finding.ts';

export type FencingMode = 'none' | 'manual' | 'automatic' | 'required';

/** `resources:` and `preset:` of a group. Without these, `services:` have checks of their own. */
export function checkResources(name: string, group: GroupText, fencing: FencingMode): readonly Finding[] {
  if (group.resources === undefined && group.preset === undefined) return checkFamily(name, group);
  const at: ConfigPath = ['groups', name];
  const lines = resourceLines(group);
  const findings = [
    ...checkFamily(name, group),
    ...checkRemoved(at, group),
    ...checkServiceNames(at, group),
    ...lines.flatMap((line) => checkLine(placeOf(at, line), line, lines, group)),
  ];
  if (findings.some(({ severity }) => severity === 'error')) return findings;
  const resources = resourcesOfLines(lines, group.postgres);
  return [
    ...findings,
    ...checkTwice(lines, resources, group.postgres?.unit, (line) => placeOf(at, line)),
    ...checkDatabasePlace(lines, resources, (line) => placeOf(at, line)),
    ...checkGraph(at, lines, resources),
    ...protectionDemands(resources, { fencing, watchdog: 'unknown' }).map(({ resource, message }) =>
      onKey(doubtful(placeOf(at, lineOf(lines, resource)), undefined, message)),
    ),
    ...checkSync(resources, group.postgres?.dataDirectory, (name) => {
      const line = lineOf(lines, name);
      return { place: placeOf(at, line), ownPaths: line?.text.paths?.length ?? 0 };
    }),
  ];
}

function checkFamily(name: string, { preset, family }: GroupText): readonly Finding[] {
  if (preset === undefined && family !== undefined)
    return [
      wrong(
        ['groups', name, 'family'],
        family,
        'It says whose units a preset means: write `preset: xcat`, or remove it.',
      ),
    ];
  return [];
}

const lineOf = (lines: readonly ResourceLine[], name: string): ResourceLine | undefined =>
  lines.find((line) => line.name === name);

/** Where the admin said it: below `resources:`, else where the line comes from. */
function placeOf(at: ConfigPath, line: ResourceLine | undefined): ConfigPath {
  if (line === undefined) return at;
  if (line.own !== undefined) return [...at, 'resources', line.name];
  return line.index === undefined ? [...at, line.origin] : [...at, 'services', line.index];
}

function checkRemoved(at: ConfigPath, group: GroupText): readonly Finding[] {
  const given = givenLines(group)
    .filter(({ origin }) => origin === 'preset')
    .map(({ name }) => name);
  return Object.entries(group.resources ?? {}).flatMap(([name, { remove }]) => {
    if (remove !== true || given.includes(name)) return [];
    const message =
      given.length === 0
        ? `Only a line of a preset can be removed, and this group has no \`preset\`. Delete the line '${name}'.`
        : `The preset has no line '${name}'.${didYouMean(name, given)} It has ${given.join(', ')}.`;
    return [onKey(wrong([...at, 'resources', name], undefined, message, given))];
  });
}

function checkServiceNames(at: ConfigPath, group: GroupText): readonly Finding[] {
  const taken = new Set([
    ...givenLines(group)
      .filter(({ origin }) => origin !== 'services')
      .map(({ name }) => name),
    ...Object.keys(group.resources ?? {}),
  ]);
  return group.services.flatMap(({ name }, index) =>
    taken.has(name)
      ? [
          wrong(
            [...at, 'services', index, 'name'],
            name,
            `There is a resource '${name}' already. Change that one below \`resources\`, and remove the service.`,
          ),
        ]
      : [],
  );
}

function checkLine(
  place: ConfigPath,
  line: ResourceLine,
  lines: readonly ResourceLine[],
  group: GroupText,
): readonly Finding[] {
  const { text, own, name } = line;
  if (text.kind === undefined) {
    const others = lines.filter((other) => other !== line && other.origin !== 'resources');
    const near = didYouMean(
      name,
      others.map((other) => other.name),
    );
    const message = `'${name}' needs a \`kind\`: nothing else says what it is.${near} Legal are: ${resourceKindNames.join(', ')}.`;
    return [onKey(wrong(place, undefined, message, resourceKindNames))];
  }
  const legal = [...commonFields, ...kindFields[text.kind].map(plainName)];
  const strange = Object.keys(own ?? {}).filter((key) => !legal.includes(key));
  const missing = kindFields[text.kind]
    .filter((field) => field.endsWith('!'))
    .map(plainName)
    .filter((field) => !(field in text));
  return [
    ...strange.map((key) =>
      onKey(
        wrong(
          [...place, key],
          undefined,
          `A resource of kind ${text.kind} has no setting '${key}'.${didYouMean(key, legal)} Legal are: ${legal.join(', ')}.`,
          legal,
        ),
      ),
    ),
    ...missing.map((field) =>
      onKey(
        wrong(
          place,
          undefined,
          `'${name}' is of kind ${text.kind} and needs '${field}'. See ${text.kind} in docs/resources.md.`,
        ),
      ),
    ),
    ...checkKind(place, line, group),
    ...checkCommands(place, line, lines),
  ];
}

function checkKind(
  place: ConfigPath,
  { text, name, own }: ResourceLine,
  group: GroupText,
): readonly Finding[] {
  if (text.kind === 'postgres' && (group.postgres === undefined || name !== 'postgres')) {
    const message =
      group.postgres === undefined
        ? "The group has no database. Describe it below `postgres:` of the group; 'kind: postgres' then is not needed."
        : "A group has one database, and its resource is called 'postgres'. Write the settings there.";
    return [onKey(wrong(own?.kind === undefined ? place : [...place, 'kind'], text.kind, message))];
  }
  if (text.kind === 'mount' && text.target !== undefined && isNodeGround(text.target)) {
    const message = `${text.target} is part of what each node stands on, and cannot follow a role. Mount it in a directory of its own, such as /install.`;
    return [wrong([...place, ...(own?.target === undefined ? [] : ['target'])], text.target, message)];
  }
  if (text.kind === 'sync' && text.paths === undefined && text.list === undefined)
    return [
      onKey(
        wrong(
          place,
          undefined,
          `'${name}' is of kind sync and needs 'paths', or 'list: xcat'. See docs/file-sync.md.`,
        ),
      ),
    ];
  if ((text.kind === 'marker' || text.kind === 'template') && text.runs !== undefined && text.runs !== 'all')
    return [
      wrong(
        [...place, 'runs'],
        text.runs,
        `A ${text.kind} says on every node what that node is: where the role is not, the primary's file would stay. Take \`runs\` out.`,
      ),
    ];
  if (text.kind !== 'job') return [];
  return [
    ...(text.onFailure === 'failover'
      ? [
          wrong(
            [...place, 'onFailure'],
            'failover',
            'A job that fails is never worth a failover. Use degrade or ignore.',
          ),
        ]
      : []),
    ...(text.runs !== undefined && text.runs !== 'primary'
      ? [
          wrong(
            [...place, 'runs'],
            text.runs,
            'A job runs once after each take-over: on the primary only. Remove it.',
          ),
        ]
      : []),
  ];
}

/** A job has one command, or one for each name of another resource's unit. */
function checkCommands(
  place: ConfigPath,
  { text, name, own }: ResourceLine,
  lines: readonly ResourceLine[],
): readonly Finding[] {
  const { kind, command, commands, unitOf } = text;
  if (kind !== 'job') return [];
  if (command === undefined && (commands === undefined || unitOf === undefined)) {
    const message = `'${name}' is of kind job and needs 'command', or 'commands' with 'unitOf'. See job in docs/resources.md.`;
    return [onKey(wrong(place, undefined, message))];
  }
  if (commands === undefined || command !== undefined) return [];
  const other = lines.find((line) => line.name === unitOf);
  if (other?.text.kind !== 'unit') {
    if (own === undefined) return [];
    const units = lines.filter((line) => line.text.kind === 'unit').map((line) => line.name);
    const message = `'${name}' runs a command by the unit of '${unitOf}', which is no resource of kind unit. Legal are: ${units.join(', ')}.`;
    return [onKey(wrong([...place, 'unitOf'], undefined, message, units))];
  }
  return unitNames(other.name, other.text)
    .filter((unit) => commands[unit] === undefined)
    .map((unit) => {
      const message = `'${name}' has no command for ${unit}, which '${other.name}' may be: there it does nothing. Write it below \`commands\`, or give '${name}' one \`command\`.`;
      return onKey(doubtful(place, undefined, message));
    });
}

function checkGraph(
  at: ConfigPath,
  lines: readonly ResourceLine[],
  resources: readonly ResourceSettings[],
): readonly Finding[] {
  // What services say of each other has been told already.
  const problems = graphProblems(resources).filter(
    ({ resource }) => lineOf(lines, resource)?.origin !== 'services',
  );
  if (problems.length === 0) {
    const graph = resourceGraph(resources);
    return graph.ok ? [] : [wrong(at, undefined, graph.error.message)];
  }
  return problems.map((problem) => graphFinding(at, lines, problem));
}

function graphFinding(at: ConfigPath, lines: readonly ResourceLine[], problem: GraphProblem): Finding {
  const line = lineOf(lines, problem.resource);
  const place = placeOf(at, line);
  const name = problem.at === undefined ? undefined : line?.text.after?.[problem.at];
  const index = name === undefined ? -1 : (line?.own?.after?.indexOf(name) ?? -1);
  if (index >= 0) return wrong([...place, 'after', index], name, problem.message, problem.legal);
  if (problem.code === 'cycle' && line?.own?.after !== undefined)
    return onKey(wrong([...place, 'after'], line.own.after, problem.message));
  return onKey(wrong(place, undefined, problem.message, problem.legal));
}
