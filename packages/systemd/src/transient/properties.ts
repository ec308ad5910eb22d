import type { TransientUnit } from '@hamn/engine';

/** As StartTransientUnit takes it: (name, (signature, value)). */
export type Property = readonly [string, readonly [string, unknown]];

/** What is left at the limit gets this long after SIGTERM, then SIGKILL. */
export const stopMs = 500;
/** LOG_NOTICE: systemd's own lines of each start and end are less than that, and a look each few seconds would fill the journal. */
const noticeLevel = 5;

/**
 * Each of these is taken by systemd 239 as RHEL 8 has it, and by every later one. `append:` would be better than `file:`, but plain 239 does not
 * know it. Source: dbus-execute.c and dbus-service.c of both; org.freedesktop.systemd1(5).
 */
export function transientProperties(unit: TransientUnit): readonly Property[] {
  const [path] = unit.command;
  return [
    ['Description', ['s', unit.description]],
    ['Type', ['s', 'oneshot']],
    ['ExecStart', ['a(sasb)', [[path, unit.command.map(unexpanded), false]]]],
    ['RemainAfterExit', ['b', unit.remains]],
    ['KillMode', ['s', 'control-group']],
    ['TimeoutStartUSec', ['t', microseconds(unit.limitMs)]],
    ['TimeoutStopUSec', ['t', microseconds(stopMs)]],
    ['StandardOutputFile', ['s', unit.outputFile]],
    ['StandardError', ['s', 'inherit']],
    ['LogLevelMax', ['i', noticeLevel]],
    ['Environment', ['as', Object.entries(unit.environment).map(([name, value]) => `${name}=${value}`)]],
    ...(unit.environmentFile === undefined
      ? []
      : [['EnvironmentFiles', ['a(sb)', [[unit.environmentFile, false]]]] as const]),
  ];
}

/** systemd puts variables in the place of `$NAME` also in what comes over D-Bus; `$$` stands for a dollar (systemd.service(5), COMMAND LINES). */
const unexpanded = (argument: string): string => argument.replaceAll('$', '$$$$');

const microseconds = (ms: number): number => Math.max(1, Math.round(ms * 1000));
