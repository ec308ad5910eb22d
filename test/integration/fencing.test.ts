import type { HistoryDocument } from '@hamn/api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clusterFile, nodesOf } from '../cluster/options.ts';
import { ensureHostPackages } from '../lab/host-packages.ts';
import { Bmc, bmcPackages, bmcPassword } from './bmc.ts';
import { bringUp, cluster, hamnctl, lab, problems, roles, until } from './whole-cluster.ts';

/**
 * Debian's fence_ipmilan against a simulated controller whose switch is the lab's power. T is long enough to be told from a fence on a
 * machine that does other work.
 */
const termMs = 20_000;
const nodes = nodesOf(cluster.options);
const data = cluster.options.data;
const bmcs = new Map(data.map((node, index) => [node, new Bmc(lab, node, 9001 + index)]));
const dummyStatus = '/run/fence-dummy';

const bmcOf = (node: string): Bmc => {
  const bmc = bmcs.get(node);
  if (bmc === undefined) throw new Error(`${node} has no controller.`);
  return bmc;
};

const settings = (mode: string): string => {
  const devices = data.map(
    (node) =>
      `    bmc-${node}: {agent: fence_ipmilan, options: ${bmcOf(node).options}, timeout: 15s, retries: 0}`,
  );
  const fenced = data.map((node) => `    ${node}: {action: reboot, levels: [[bmc-${node}]]}`);
  return clusterFile(cluster.options, lab.release.postgres).replace(
    'groups:\n',
    `timings: {termMs: ${termMs}}
fencing:
  mode: ${mode}
  after: 3s
  devices:
${devices.join('\n')}
    dummy: {agent: fence_dummy, options: {status_file: ${dummyStatus}}}
  nodes:
${fenced.join('\n')}
    wit1: {action: "off", levels: [[dummy]]}
groups:
`,
  );
};

async function apply(node: string, text: string): Promise<void> {
  await lab.writeFile(node, '/tmp/settings.yaml', text);
  const applied = await hamnctl(node, 'config', 'apply', '/tmp/settings.yaml', '--yes');
  expect(applied).toMatchObject({ code: 0 });
}

/** A term begun under the newest timings. */
async function newTerm(): Promise<void> {
  const { primary } = await roles();
  expect(await hamnctl(primary, 'switchover', '--wait', '--yes')).toMatchObject({ code: 0 });
  await cluster.healthy(60_000);
}

beforeAll(async () => {
  await ensureHostPackages(() => undefined, bmcPackages);
  await bringUp();
  for (const bmc of bmcs.values()) await bmc.start();
  for (const node of nodes) {
    await lab.mustExec(node, ['mkdir', '-p', '-m', '700', '/etc/hamn/secrets']);
    await lab.writeFile(node, '/etc/hamn/secrets/bmc', `${bmcPassword}\n`, 0o600);
    await lab.writeFile(node, dummyStatus, 'on');
  }
  const { primary } = await roles();
  await apply(primary, settings('automatic'));
  await newTerm();
});
afterAll(async () => {
  for (const bmc of bmcs.values()) await bmc.stop();
  try {
    const { primary } = await roles();
    await apply(primary, clusterFile(cluster.options, lab.release.postgres));
    await newTerm();
  } finally {
    await lab.down();
  }
});

beforeEach(() => {
  // Whatever a test that failed left behind.
  for (const bmc of bmcs.values()) bmc.goOn();
});

/** The fault is made; ends when `standby` is primary. In milliseconds. */
async function takenOver(standby: string, limitMs: number): Promise<number> {
  const begun = performance.now();
  await until(new RegExp(`^${standby} primary$`), limitMs, async () => {
    const status = await cluster.status(standby);
    const node = status?.nodes.find(({ name }) => name === standby);
    return `${status?.primary?.node} ${node?.role}`;
  });
  return performance.now() - begun;
}

/** In one line, however hamnctl wraps it. */
const said = async (node: string, ...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await hamnctl(node, ...args);
  return `${stdout}${stderr}exit ${code}`.replace(/\s+/g, ' ');
};

describe('the devices', () => {
  it('are asked by doctor and by fence --list, and known to the metrics', async () => {
    const { standby } = await roles();
    const list = await said(standby, 'fence', '--list');
    for (const node of data) expect(list).toContain(`bmc-${node} (fence_ipmilan) says on`);
    expect(list).toMatch(/exit 0$/);
    const doctor = await said(standby, 'doctor', '--all');
    for (const node of data)
      expect(doctor).toContain(`The fencing device bmc-${node} says that ${node} is on.`);
  });

  it('that cannot be used are told of: a secret that others may read, a controller that does not answer', async () => {
    const { primary, standby } = await roles();
    await lab.mustExec(standby, ['chmod', '644', '/etc/hamn/secrets/bmc']);
    bmcOf(primary).hang();
    const doctor = await said(standby, 'doctor');
    expect(doctor).toContain('/etc/hamn/secrets/bmc is a secret that others than root may read');
    expect(doctor).not.toContain(bmcPassword);
    await lab.mustExec(standby, ['chmod', '600', '/etc/hamn/secrets/bmc']);
    const list = await said(standby, 'fence', primary, '--list');
    bmcOf(primary).goOn();
    expect(list).toMatch(new RegExp(`bmc-${primary} \\(fence_ipmilan\\) cannot be used: .* exit 6$`));
  });

  it('switch any node off at an admin’s word, and the dummy says so', async () => {
    const { standby } = await roles();
    const fenced = await said(standby, 'fence', 'wit1', '--yes');
    expect(fenced).toContain('dummy switched it off, and says that it is off.');
    expect(fenced).toMatch(/exit 0$/);
    expect(await lab.mustExec(standby, ['cat', dummyStatus])).toBe('off');
    expect(await said(standby, 'fence', 'mn9', '--yes')).toMatch(/has no devices for .mn9..*exit 4$/);
    expect(await said(standby, 'fence', standby, '--yes')).toMatch(/does not fence itself.*exit 4$/);
  });
});

/** Waits until the newest take-over in the history has this reason. */
const why = (node: string, pattern: RegExp): Promise<string> =>
  until(pattern, 20_000, async () => {
    const { stdout } = await hamnctl(node, 'history', '--last', '1', '--json');
    const history: HistoryDocument = JSON.parse(stdout);
    return history.entries[0]?.why ?? '';
  });

describe('a silent primary is fenced and replaced before T has passed', () => {
  it.each([
    ['paused', (node: string) => lab.pause(node)],
    ['alive, but cut off from everybody', (node: string) => lab.isolate(node)],
  ])('%s', async (_what, fault) => {
    const { primary, standby } = await roles();
    const switched = bmcOf(primary).switched.length;
    await fault(primary);
    const ms = await takenOver(standby, termMs + 30_000);
    expect(ms).toBeLessThan(termMs);
    expect(await said(standby, 'status')).toContain(`${primary} was confirmed to be off`);
    // It was switched on again, and comes back as a standby.
    expect((await cluster.healthy(90_000)).primary?.node).toBe(standby);
    expect(bmcOf(primary).switched.slice(switched)).toEqual(['off', 'on']);
    const bySwitch = new RegExp(`${primary} is off: bmc-${primary} switched it off`);
    expect(await why(standby, bySwitch)).toMatch(bySwitch);
  });
});

describe('where a fence is required', () => {
  it('a device that says off of a node that runs is told of', async () => {
    const { primary, standby } = await roles();
    await lab.writeFile(standby, dummyStatus, 'off');
    await apply(primary, settings('required'));
    const told = await until(/dummy/, 60_000, () => problems(standby));
    expect(told).toContain('The fencing device dummy says that wit1 is off, but wit1 runs.');
    await lab.writeFile(standby, dummyStatus, 'on');
  });

  it('and the controller hangs, nobody takes over until an admin says that the primary is off', async () => {
    const { primary, standby } = await roles();
    const byHand = ['fence', primary, '--confirmed-by-hand', '--yes'] as const;
    expect(await said(standby, ...byHand)).toMatch(/was heard of in the last seconds.*exit 4$/);
    bmcOf(primary).hang();
    await lab.powerOff(primary);
    const explained = (pattern: RegExp): Promise<string> =>
      until(pattern, termMs + 40_000, () => said(standby, 'explain'));
    expect(await explained(/is fencing it/)).toContain(
      `${primary} has given no sign; this node is fencing it`,
    );
    const stuck = await until(/could not fence/, termMs + 40_000, () => problems(standby));
    expect(stuck).toMatch(new RegExp(`${standby} could not fence ${primary}: .*did not end within`));
    expect(await explained(/Fencing is required/)).toContain(
      `the term is taken once ${primary} is confirmed to be off`,
    );
    expect(await cluster.primary(standby)).toBe(primary);
    expect(await said(standby, ...byHand)).toMatch(/exit 0$/);
    await takenOver(standby, 20_000);
    const byWord = /confirmed by hand that it is off/;
    expect(await why(standby, byWord)).toMatch(byWord);
    bmcOf(primary).goOn();
    await lab.powerOn(primary);
    await cluster.healthy(90_000);
  });
});
