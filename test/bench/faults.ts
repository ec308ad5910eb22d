import type { Cast, Cluster } from '../cluster/index.ts';

export interface Fault {
  readonly name: string;
  /** What it does, for the table's reader. */
  readonly text: string;
  /** The role moves to the other node. */
  readonly moves: boolean;
  /** The primary's processes stand still meanwhile: what its kernel answers is not held against it. */
  readonly still?: boolean;
  /** How long it lasts before `end`, in milliseconds. */
  readonly lastsMs: number;
  readonly begin: (cluster: Cluster, cast: Cast) => Promise<void>;
  /** Undefined where nothing is to be ended. */
  readonly end?: (cluster: Cluster, cast: Cast) => Promise<void>;
}

const switchover = async (cluster: Cluster, cast: Cast): Promise<void> => {
  const argv = ['hamnctl', 'switchover', '--to', cast.standby, '--yes', '--wait'];
  const asked = await cluster.lab.exec(cast.primary, argv, { timeoutMs: 90_000 });
  if (asked.code !== 0)
    throw new Error(`hamnctl switchover ended with ${asked.code}: ${asked.stdout}${asked.stderr}`);
};

export const faults: readonly Fault[] = [
  {
    name: 'power-off',
    text: 'power-off of the primary',
    moves: true,
    lastsMs: 6000,
    begin: ({ lab }, { primary }) => lab.powerOff(primary),
    end: ({ lab }, { primary }) => lab.powerOn(primary),
  },
  {
    name: 'cut',
    text: 'primary’s network cut, carrier lost',
    moves: true,
    lastsMs: 8000,
    begin: ({ lab }, { primary }) => lab.cut(primary),
    end: ({ lab }, { primary }) => lab.heal(primary),
  },
  {
    name: 'isolate',
    text: 'primary’s network cut, carrier stays',
    moves: true,
    lastsMs: 8000,
    begin: ({ lab }, { primary }) => lab.isolate(primary),
    end: ({ lab }, { primary }) => lab.heal(primary),
  },
  {
    name: 'pause',
    text: 'primary paused whole, resumed 10 s later',
    moves: true,
    still: true,
    lastsMs: 10_000,
    begin: ({ lab }, { primary }) => lab.pause(primary),
    end: ({ lab }, { primary }) => lab.resume(primary),
  },
  {
    name: 'freeze',
    text: 'primary’s processes frozen, its kernel answers',
    moves: true,
    still: true,
    lastsMs: 10_000,
    begin: ({ lab }, { primary }) => lab.freeze(primary),
    end: ({ lab }, { primary }) => lab.thaw(primary),
  },
  {
    name: 'kill-postmaster',
    text: 'kill -9 of the postmaster',
    moves: false,
    lastsMs: 2000,
    begin: async ({ lab }, { primary }) => void (await lab.kill(primary, 'postgres')),
  },
  {
    name: 'kill-hamnd',
    text: 'kill -9 of hamnd on the primary',
    moves: false,
    lastsMs: 4000,
    begin: async ({ lab }, { primary }) => void (await lab.kill(primary, 'hamnd')),
  },
  {
    name: 'upgrade',
    text: 'hamn’s package upgraded on the primary',
    moves: false,
    lastsMs: 4000,
    begin: (cluster, { primary }) => cluster.upgrade(primary),
  },
  { name: 'switchover', text: 'switchover', moves: true, lastsMs: 0, begin: switchover },
  {
    name: 'standby-off',
    text: 'standby powered off',
    moves: false,
    lastsMs: 8000,
    begin: ({ lab }, { standby }) => lab.powerOff(standby),
    end: ({ lab }, { standby }) => lab.powerOn(standby),
  },
  {
    name: 'witness-off',
    text: 'witness powered off',
    moves: false,
    lastsMs: 8000,
    begin: ({ lab }, { witness }) => lab.powerOff(witness),
    end: ({ lab }, { witness }) => lab.powerOn(witness),
  },
];
