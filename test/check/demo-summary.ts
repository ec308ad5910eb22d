/** The demonstration's last line, as the README describes it. */
export function judgeDemo(stdout: string): string | undefined {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  const summary = parse(last);
  if (summary === undefined) return `its last line is no summary: '${last}'`;
  if (summary['lost'] !== 0) return `it lost acknowledged rows: ${last}`;
  if (summary['dual_primary'] !== false) return `it saw two primaries: ${last}`;
  if (summary['rejoined'] !== true) return `the dead node did not rejoin: ${last}`;
  const figures = [
    summary['acked'],
    field(summary['failover'], 'write_outage_ms'),
    field(summary['failover'], 'vip_outage_ms'),
    field(summary['switchover'], 'write_outage_ms'),
  ];
  const isComplete = figures.every((figure) => typeof figure === 'number' && figure > 0);
  return isComplete ? undefined : `a figure is missing: ${last}`;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const field = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined);

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
