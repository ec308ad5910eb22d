import type { ProcessName } from '../../lab/index.ts';
import { CLIENT, OBSERVER } from '../../lab/index.ts';
import type { DiskKey, FaultName, ProcessKey } from '../plan/fault-kinds.ts';
import type { FaultPlan } from '../plan/schedule.ts';
import { loseEtcd, replaceMember, startEtcd } from './etcd-faults.ts';
import { pauseCluster, switchover, twoSwitchovers } from './operator.ts';
import type { Stage } from './stage.ts';

/** Ends a fault. It may find that the fault has ended already: the machine was powered off meanwhile. */
export type Undo = () => Promise<void>;
type Begin = (stage: Stage, node: string) => Promise<Undo>;

const etcdPorts = [2379, 2380];
const postgresUnit = 'postgresql@15-main.service';
const nothing: Undo = async () => undefined;

const processes: Readonly<Record<ProcessKey, ProcessName>> = {
  hamnd: { named: 'hamnd' },
  guard: { named: 'hamn-guard' },
  etcd: { named: 'etcd' },
  postmaster: { named: 'postgres' },
  walsender: { titled: 'walsender' },
  walreceiver: { titled: 'walreceiver' },
  checkpointer: { titled: 'checkpointer' },
  dbus: { named: 'dbus' },
  journald: { named: 'systemd-journald' },
  logind: { named: 'systemd-logind' },
  xcatd: { named: 'xcatd' },
  dhcpd: { named: 'dhcpd' },
};

const paths: Readonly<Record<DiskKey, string>> = {
  data: '/var/lib/postgresql',
  state: '/var/lib/hamn',
  root: '/',
};

/** Begins a fault and gives what ends it. @throws LabError where it is not possible: the node is off, the process does not run. */
export function inflict(stage: Stage, plan: FaultPlan): Promise<Undo> {
  return beginOf(plan.name)(stage, stage.cast[plan.who]);
}

function beginOf(name: FaultName): Begin {
  const [verb, object = ''] = name.split(' ');
  if (verb === 'kill' && isKey(processes, object)) return kill(processes[object]);
  if (verb === 'stop' && isKey(processes, object)) return stop([processes[object]]);
  if (verb === 'fill' && isKey(paths, object)) return fill(paths[object]);
  if (verb === 'hang' && isKey(paths, object)) return hang(paths[object]);
  const begin = others[name];
  if (begin === undefined) throw new Error(`A broken invariant: nobody knows how to '${name}'.`);
  return begin;
}

const isKey = <K extends string>(record: Readonly<Record<K, unknown>>, key: string): key is K =>
  Object.hasOwn(record, key);

const others: Readonly<Partial<Record<FaultName, Begin>>> = {
  'power off': async ({ power }, node) => {
    await power.off(node);
    return () => power.on(node);
  },
  'cut link': async ({ cluster: { lab } }, node) => {
    await lab.cut(node);
    return () => lab.heal(node);
  },
  'isolate node': async ({ cluster: { lab } }, node) => {
    await lab.isolate(node);
    return () => lab.heal(node);
  },
  'mute node': (stage, node) => drop(stage, `mute_${node}`, [{ from: node }]),
  'deafen node': (stage, node) => drop(stage, `deafen_${node}`, [{ to: node }]),
  'separate from-etcd': (stage, node) =>
    drop(stage, `etcd_${node}`, [
      { from: node, tcpPorts: etcdPorts },
      { to: node, tcpPorts: etcdPorts },
    ]),
  'separate from-peer': (stage) => drop(stage, 'peer', between(stage.cast.primary, [stage.cast.standby])),
  'separate from-clients': (stage, node) =>
    drop(stage, `clients_${node}`, between(node, [CLIENT.name, OBSERVER.name])),
  'freeze node': async ({ cluster: { lab } }, node) => {
    await lab.freeze(node);
    return () => lab.thaw(node);
  },
  'pause node': async ({ cluster: { lab } }, node) => {
    await lab.pause(node);
    return () => lab.resume(node);
  },
  'stop init': (stage, node) => stop(['init'])(stage, node),
  'stop both-daemons': (stage, node) => stop([processes.hamnd, processes.guard])(stage, node),
  'freeze postgres': (stage, node) => freezeUnit(stage, node, postgresUnit),
  'freeze xcatd': (stage, node) => freezeUnit(stage, node, 'xcatd.service'),
  'lose etcd-quorum': (stage) => loseEtcd(stage, [stage.cast.standby, stage.cast.witness]),
  'lose etcd': (stage) => loseEtcd(stage, [stage.cast.primary, stage.cast.standby, stage.cast.witness]),
  'replace etcd-member': replaceMember,
  'operate switchover': switchover,
  'operate two-switchovers': twoSwitchovers,
  'operate pause': pauseCluster,
};

const between = (one: string, many: readonly string[]): { from: string; to: string }[] =>
  many.flatMap((other) => [
    { from: one, to: other },
    { from: other, to: one },
  ]);

async function drop(
  { faults }: Stage,
  name: string,
  drops: Parameters<Stage['faults']['drop']>[1],
): Promise<Undo> {
  await faults.drop(name, drops);
  return () => faults.pass(name);
}

const kill =
  (name: ProcessName): Begin =>
  async ({ faults }, node) => {
    await faults.kill(node, name);
    return nothing;
  };

const stop =
  (names: readonly ProcessName[]): Begin =>
  async ({ faults }, node) => {
    const stopped = await Promise.all(names.map((name) => faults.stop(node, name)));
    return async () => {
      for (const each of stopped) faults.letGo(each);
    };
  };

const fill =
  (path: string): Begin =>
  async (stage, node) => {
    await stage.faults.fill(node, path);
    return async () => {
      await stage.faults.empty(node, path);
      // Debian's unit does not start an etcd again that ended for want of space: whoever makes room does.
      if (path === paths.root) await startEtcd(stage, [node]);
    };
  };

const hang =
  (path: string): Begin =>
  async ({ faults }, node) => {
    await faults.hang(node, path);
    return () => faults.unhang(node, path);
  };

async function freezeUnit({ faults }: Stage, node: string, unit: string): Promise<Undo> {
  await faults.freezeUnit(node, unit, true);
  return () => faults.freezeUnit(node, unit, false);
}
