import type { Timings } from '@hamn/core';
import { didYouMean } from '@hamn/core';
import type { ClusterText } from '../cluster-schema.ts';
import { afterMsOf, type DeviceText, type FencingText } from '../fencing-schema.ts';
import { doubtful, type Finding, onKey, wrong } from './finding.ts';

/** Fencing against the nodes and the timings. What an agent's options mean only a node with that agent can say. */
export function checkFencing(text: ClusterText, timings: Timings): readonly Finding[] {
  const { fencing } = text;
  if (fencing === undefined) return [];
  return [
    ...checkAfter(fencing, timings),
    ...Object.entries(fencing.devices).flatMap(([name, device]) => checkOptions(name, device)),
    ...checkNodes(text, fencing),
    ...checkLevels(fencing),
    ...missingNodes(text, fencing),
    ...idleDevices(fencing),
  ];
}

function checkAfter(fencing: FencingText, timings: Timings): readonly Finding[] {
  const afterMs = afterMsOf(fencing, timings);
  const leastMs = 2 * timings.intervalMs + timings.requestMs;
  const at = (message: string): readonly Finding[] => [
    fencing.after === undefined
      ? onKey(wrong(['fencing'], undefined, message))
      : wrong(['fencing', 'after'], `${afterMs}ms`, message),
  ];
  if (afterMs < leastMs)
    return at(
      `A primary that misses one renewal would be shot: \`after\` is ${afterMs} ms, but must be at least ${leastMs} ms (2 x intervalMs ${timings.intervalMs} + requestMs ${timings.requestMs}).`,
    );
  if (fencing.mode === 'automatic' && afterMs >= timings.termMs)
    return at(
      `\`after\` is ${afterMs} ms, but a candidate takes over after T = ${timings.termMs} ms without waiting for a fence in the mode automatic. Lower \`after\`, or choose \`mode: required\`.`,
    );
  return [];
}

/** What hamn says itself, or what would undo a promise of it. */
const ownOptions: Readonly<Record<string, string>> = {
  action: 'hamn says the action itself. Remove it.',
  option: 'hamn says the action itself. Remove it.',
  plug: 'The plug belongs to a node: write {device: NAME, plug: ...} in its levels.',
  port: 'The plug belongs to a node: write {device: NAME, plug: ...} in its levels.',
  delay: 'hamn could not call a shot off any more: write `delay` at the node.',
  verbose: 'It would write secrets into the log. Remove it.',
  verbose_level: 'It would write secrets into the log. Remove it.',
  debug: 'It would write secrets into a file. Remove it.',
  debug_file: 'It would write secrets into a file. Remove it.',
};

const isSecret = (option: string): boolean =>
  /passw|secret|community|token|api_?key|hexadecimal_kg/.test(option) &&
  !/(_script|_file|_path)$/.test(option);

function checkOptions(name: string, { options }: DeviceText): readonly Finding[] {
  return Object.entries(options).flatMap(([option, value]) => {
    const path = ['fencing', 'devices', name, 'options', option];
    const plain = option.toLowerCase().replaceAll('-', '_');
    const own = ownOptions[plain];
    if (own !== undefined)
      return [onKey(wrong(path, undefined, `The option ${option} is not yours to give. ${own}`))];
    if (typeof value !== 'string') return [];
    if (isSecret(plain))
      return [
        onKey(
          wrong(
            path,
            undefined,
            `The option ${option} is a secret, and every node's settings can be read. Write it into a file that only root can read, on every node, and write \`${option}: {file: /etc/hamn/secrets/${name}}\`.`,
          ),
        ),
      ];
    if (!/\p{Cc}/u.test(value)) return [];
    return [
      wrong(
        path,
        undefined,
        `The option ${option} has more than one line, or control characters; an agent reads one line.`,
      ),
    ];
  });
}

function checkNodes(text: ClusterText, fencing: FencingText): readonly Finding[] {
  const names = Object.keys(text.nodes);
  return Object.keys(fencing.nodes)
    .filter((name) => !names.includes(name))
    .map((name) =>
      onKey(
        wrong(
          ['fencing', 'nodes', name],
          name,
          `The cluster has no node '${name}'.${didYouMean(name, names)} It has ${names.join(', ')}.`,
          names,
        ),
      ),
    );
}

function checkLevels({ devices, nodes }: FencingText): readonly Finding[] {
  const names = Object.keys(devices);
  const legal = names.length === 0 ? 'None is listed.' : `Listed are ${names.join(', ')}.`;
  return Object.entries(nodes).flatMap(([node, { levels }]) =>
    levels.flatMap((level, at) =>
      level.flatMap(({ device, plug }, index) => {
        const path = ['fencing', 'nodes', node, 'levels', at, index];
        if (!names.includes(device))
          return [
            wrong(
              path,
              device,
              `There is no fencing device '${device}'.${didYouMean(device, names)} ${legal}`,
              names,
            ),
          ];
        const first = level.findIndex((other) => other.device === device && other.plug === plug);
        if (first === index) return [];
        return [
          wrong(path, device, `${device} stands twice in this level. Remove one, or write another plug.`),
        ];
      }),
    ),
  );
}

/** A node that may lead and cannot be fenced. */
function missingNodes(text: ClusterText, fencing: FencingText): readonly Finding[] {
  const data = Object.entries(text.nodes).filter(([, { role }]) => role === 'data');
  const missing = data.map(([name]) => name).filter((name) => fencing.nodes[name] === undefined);
  if (fencing.mode === 'manual') return [];
  return missing.map((name) =>
    onKey(
      fencing.mode === 'required'
        ? wrong(
            ['fencing', 'nodes'],
            undefined,
            `${name} has no fencing devices, so in the mode required nobody could ever take over from it. Add \`${name}: {levels: [[...]]}\`, or choose \`mode: automatic\`.`,
          )
        : doubtful(
            ['fencing', 'nodes'],
            undefined,
            `${name} has no fencing devices: when it falls silent, T is waited for.`,
          ),
    ),
  );
}

function idleDevices({ devices, nodes }: FencingText): readonly Finding[] {
  const used = new Set(
    Object.values(nodes).flatMap(({ levels }) => levels.flat().map(({ device }) => device)),
  );
  return Object.keys(devices)
    .filter((name) => !used.has(name))
    .map((name) =>
      onKey(doubtful(['fencing', 'devices', name], undefined, `No node uses the fencing device ${name}.`)),
    );
}
