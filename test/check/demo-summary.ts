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
  if (!isComplete) return `a figure is missing: ${last}`;
  const outages = [figures[1], figures[2]].map(Number);
  if (Math.max(...outages) > outageMostMs)
    return `the power-off cost more than ${outageMostMs} ms without a write or without the VIP: ${last}`;
  return judgeReady(summary['failover'], last);
}

/** Of a power-off at the profile `default`, database and VIP alike. */
const outageMostMs = 3500;

/** What is started one after the other although nothing keeps it apart shows here. */
const besideMs = 500;

function judgeReady(failover: unknown, last: string): string | undefined {
  const [ready, chain] = [field(failover, 'ready_ms'), field(failover, 'longest_chain_ms')];
  const resources = field(failover, 'resources');
  if (typeof ready !== 'number' || typeof chain !== 'number' || !isRecord(resources))
    return `not everything that the preset starts was well: ${last}`;
  const late = [...served, 'vip-1', 'postgres'].filter((name) => typeof resources[name] !== 'number');
  if (late.length > 0) return `the times of ${late.join(', ')} are missing: ${last}`;
  if (ready <= chain + besideMs) return undefined;
  return `everything was well after ${ready} ms, more than ${besideMs} ms later than the longest chain of starts (${chain} ms) allows: ${last}`;
}

const served = ['named', 'xcatd', 'dhcpd', 'http', 'nfs', 'tftp', 'console', 'ready'];

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
