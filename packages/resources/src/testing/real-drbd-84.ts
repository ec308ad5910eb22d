/**
 * /proc/drbd as a kernel wrote it: DRBD 8.4.11 of Debian 12 (Linux 6.1, drbd-utils 9.22) on a pair of virtual machines, brought into each state by hand.
 * Test data; the part of one device, without the module's two lines above it.
 */
const counters = 'ns:0 nr:0 dw:0 dr:0 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f';
const device = (line: string, oos: number, more = ''): string =>
  ` 0: cs:${line}\n    ${counters} oos:${oos}\n${more}`;

export const header: string = 'version: 8.4.11 (api:1/proto:86-101)\nsrcversion: B536C32A3EADA868561EFD9 \n';

export type Real84 =
  | 'down'
  | 'unconfigured'
  | 'neverSynchronised'
  | 'bothInconsistent'
  | 'syncSource'
  | 'syncTarget'
  | 'primary'
  | 'secondary'
  | 'primaryAlone'
  | 'secondaryCutOff'
  | 'outdated'
  | 'splitBrain'
  | 'disklessPrimary'
  | 'disklessSecondary'
  | 'primaryResynced';

export const real84: Readonly<Record<Real84, string>> = {
  /** The module is loaded, or `drbdadm down` was done: nothing stands below the header. */
  down: '',
  /** `drbdadm up` failed half-way (no metadata). */
  unconfigured: ' 0: cs:Unconfigured\n',
  neverSynchronised: device('WFConnection ro:Secondary/Unknown ds:Inconsistent/DUnknown C r----s', 131_032),
  bothInconsistent: device('Connected ro:Secondary/Secondary ds:Inconsistent/Inconsistent C r-----', 131_032),
  syncSource: device(
    'SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----',
    121_144,
    "\t[>...................] sync'ed:  9.4% (121144/131032)K\n\tfinish: 0:00:24 speed: 4,944 (4,944) K/sec\n",
  ),
  syncTarget: device(
    'SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----',
    36_984,
    "\t[==>.................] sync'ed: 18.2% (36984/41516)K\n\tfinish: 0:00:07 speed: 4,532 (4,532) want: 4,096 K/sec\n",
  ),
  primary: device('Connected ro:Primary/Secondary ds:UpToDate/UpToDate C r-----', 0),
  secondary: device('Connected ro:Secondary/Primary ds:UpToDate/UpToDate C r-----', 0),
  primaryAlone: device('WFConnection ro:Primary/Unknown ds:UpToDate/DUnknown C r-----', 48),
  secondaryCutOff: device('WFConnection ro:Secondary/Unknown ds:UpToDate/DUnknown C r-----', 0),
  /** After `drbdadm outdate`. */
  outdated: device('StandAlone ro:Secondary/Unknown ds:Outdated/DUnknown   r-----', 0),
  splitBrain: device('StandAlone ro:Primary/Unknown ds:UpToDate/DUnknown   r-----', 48),
  /** After `drbdadm detach`, which is what on-io-error detach does. */
  disklessPrimary: device('Connected ro:Primary/Secondary ds:Diskless/UpToDate C r-----', 0),
  disklessSecondary: device('Connected ro:Secondary/Primary ds:Diskless/UpToDate C r-----', 0),
  /** Its disk came back while it was primary. */
  primaryResynced: device(
    'SyncTarget ro:Primary/Secondary ds:Inconsistent/UpToDate C r-----',
    128_560,
    "\t[>....................] sync'ed:  3.2% (128560/131032)K\n\tfinish: 0:00:45 speed: 2,472 (2,472) want: 4,096 K/sec\n",
  ),
};
