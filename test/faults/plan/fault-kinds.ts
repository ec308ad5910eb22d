/** Who a fault meets, by the roles at the beginning of its round. */
export type Who = 'primary' | 'standby' | 'witness';

/** What can be done to one node, or by an operator. The first word says what is done, the second to what. */
export type FaultName =
  | 'power off'
  | 'cut link'
  | 'isolate node'
  | 'mute node'
  | 'deafen node'
  | 'separate from-etcd'
  | 'separate from-peer'
  | 'separate from-clients'
  | 'freeze node'
  | 'pause node'
  | `kill ${ProcessKey}`
  | `stop ${ProcessKey | 'init' | 'both-daemons'}`
  | 'freeze postgres'
  | 'freeze xcatd'
  | `fill ${DiskKey}`
  | `hang ${DiskKey}`
  | 'lose etcd-quorum'
  | 'lose etcd'
  | 'replace etcd-member'
  | 'operate switchover'
  | 'operate two-switchovers'
  | 'operate pause';

export type ProcessKey =
  | 'hamnd'
  | 'guard'
  | 'etcd'
  | 'postmaster'
  | 'walsender'
  | 'walreceiver'
  | 'checkpointer'
  | 'dbus'
  | 'journald'
  | 'logind'
  | 'xcatd'
  | 'dhcpd';

export type DiskKey = 'data' | 'state' | 'root';

export interface FaultKind {
  readonly name: FaultName;
  /** In words, behind the node's name where there is one. */
  readonly text: string;
  readonly who: readonly Who[];
  /** How long it lasts, least and most, in milliseconds. A kill has no length. */
  readonly lastsMs: readonly [least: number, most: number];
}

const data: readonly Who[] = ['primary', 'standby'];
const all: readonly Who[] = ['primary', 'standby', 'witness'];
const instant: readonly [number, number] = [0, 0];
/** Around T of the profile `default`, so that some end before the deadline and some after it. */
const aroundTheTerm: readonly [number, number] = [800, 7000];
const long: readonly [number, number] = [3000, 8000];

const kill = (process: ProcessKey, who: readonly Who[]): FaultKind => ({
  name: `kill ${process}`,
  text: `${process} killed`,
  who,
  lastsMs: instant,
});
const stop = (process: ProcessKey, who: readonly Who[]): FaultKind => ({
  name: `stop ${process}`,
  text: `${process} stopped (SIGSTOP)`,
  who,
  lastsMs: aroundTheTerm,
});
const disks: Readonly<Record<DiskKey, string>> = {
  data: 'PostgreSQL’s disk',
  state: '/var/lib/hamn',
  root: 'the root disk',
};
const disk = (key: DiskKey): readonly FaultKind[] => [
  { name: `fill ${key}`, text: `${disks[key]} full`, who: data, lastsMs: long },
  { name: `hang ${key}`, text: `${disks[key]} hangs`, who: data, lastsMs: long },
];

export const faultKinds: readonly FaultKind[] = [
  { name: 'power off', text: 'powered off', who: all, lastsMs: [1000, 7000] },
  { name: 'cut link', text: 'link down', who: all, lastsMs: aroundTheTerm },
  { name: 'isolate node', text: 'isolated, carrier stays', who: all, lastsMs: aroundTheTerm },
  { name: 'mute node', text: 'is not heard', who: all, lastsMs: aroundTheTerm },
  { name: 'deafen node', text: 'hears nothing', who: all, lastsMs: aroundTheTerm },
  { name: 'separate from-etcd', text: 'has no etcd', who: data, lastsMs: long },
  { name: 'separate from-peer', text: 'apart from the other data node', who: ['primary'], lastsMs: long },
  { name: 'separate from-clients', text: 'apart from the clients', who: data, lastsMs: long },
  { name: 'freeze node', text: 'all processes frozen', who: all, lastsMs: aroundTheTerm },
  { name: 'pause node', text: 'paused', who: all, lastsMs: aroundTheTerm },
  kill('hamnd', all),
  kill('guard', data),
  kill('etcd', all),
  kill('postmaster', data),
  kill('walsender', ['primary']),
  kill('walreceiver', ['standby']),
  kill('checkpointer', data),
  kill('dbus', data),
  kill('journald', data),
  kill('logind', ['primary']),
  kill('xcatd', ['primary']),
  kill('dhcpd', ['primary']),
  stop('hamnd', all),
  stop('guard', data),
  stop('etcd', all),
  stop('postmaster', data),
  stop('walsender', ['primary']),
  stop('walreceiver', ['standby']),
  stop('checkpointer', data),
  stop('dbus', data),
  stop('journald', data),
  stop('logind', ['primary']),
  stop('xcatd', ['primary']),
  { name: 'stop init', text: 'systemd stopped (SIGSTOP)', who: data, lastsMs: aroundTheTerm },
  { name: 'stop both-daemons', text: 'hamnd and guard stopped (SIGSTOP)', who: data, lastsMs: aroundTheTerm },
  { name: 'freeze postgres', text: 'PostgreSQL’s control group frozen', who: data, lastsMs: aroundTheTerm },
  { name: 'freeze xcatd', text: 'xcatd’s control group frozen', who: ['primary'], lastsMs: long },
  ...disk('data'),
  ...disk('state'),
  ...disk('root'),
  { name: 'lose etcd-quorum', text: 'etcd gone on the other two nodes', who: ['primary'], lastsMs: long },
  { name: 'lose etcd', text: 'etcd gone on every node', who: ['primary'], lastsMs: long },
  { name: 'replace etcd-member', text: 'etcd member lost and replaced', who: all, lastsMs: [1000, 3000] },
  { name: 'operate switchover', text: 'switchover asked for', who: ['standby'], lastsMs: instant },
  {
    name: 'operate two-switchovers',
    text: 'two switchovers asked for at once',
    who: ['primary'],
    lastsMs: instant,
  },
  { name: 'operate pause', text: 'paused by the operator', who: ['primary'], lastsMs: long },
];

export const kindOf = (name: FaultName): FaultKind => {
  const found = faultKinds.find((kind) => kind.name === name);
  if (found === undefined) throw new Error(`A broken invariant: there is no fault '${name}'.`);
  return found;
};
