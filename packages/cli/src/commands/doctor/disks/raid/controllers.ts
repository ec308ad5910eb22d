import { broken, doubtful, type Finding, well } from '../../finding.ts';
import type { DiskPatient } from '../patient.ts';
import { readArcconf } from './arcconf.ts';
import type { Part } from './part.ts';
import { readSsacli } from './ssacli.ts';
import { readStorcli } from './storcli.ts';

interface Family {
  /** What it is called where none of its tools is there. */
  readonly tools: string;
  readonly paths: readonly string[];
  readonly drivers: readonly string[];
  readonly args: readonly string[];
  readonly read: (text: string) => readonly Part[] | undefined;
}

const families: readonly Family[] = [
  {
    tools: 'storcli or perccli',
    paths: [
      '/opt/MegaRAID/storcli/storcli64',
      '/opt/MegaRAID/perccli/perccli64',
      '/opt/MegaRAID/storcli64/storcli64',
      '/usr/sbin/storcli64',
      '/usr/sbin/storcli',
      '/usr/sbin/perccli64',
      '/usr/local/sbin/storcli',
    ],
    drivers: ['megaraid_sas'],
    args: ['/call', 'show', 'J'],
    read: readStorcli,
  },
  {
    tools: 'ssacli',
    paths: [
      '/usr/sbin/ssacli',
      '/opt/smartstorageadmin/ssacli/bin/ssacli',
      '/usr/sbin/hpssacli',
      '/usr/sbin/hpacucli',
    ],
    drivers: ['hpsa'],
    args: ['ctrl', 'all', 'show', 'config'],
    read: readSsacli,
  },
  {
    tools: 'arcconf',
    paths: ['/usr/Arcconf/arcconf', '/usr/sbin/arcconf', '/usr/StorMan/arcconf', '/usr/local/bin/arcconf'],
    drivers: ['aacraid'],
    args: ['GETCONFIG', '1', 'AL'],
    read: readArcconf,
  },
];
const limitMs = 20_000;

/** RAID controllers, by their makers' tools. Undefined: this machine has none. */
export async function checkControllers(patient: DiskPatient): Promise<readonly Finding[] | undefined> {
  const all = await Promise.all(families.map((family) => checkFamily(family, patient)));
  const findings = all.flat();
  return findings.length === 0 ? undefined : findings;
}

async function checkFamily(family: Family, patient: DiskPatient): Promise<readonly Finding[]> {
  const driver = await first(family.drivers, async (name) =>
    (await patient.list(`/sys/bus/pci/drivers/${name}`)).some((entry) => /^[0-9a-f]{4}:/.test(entry)),
  );
  const program = await first(family.paths, (path) => patient.exists(path));
  if (program === undefined)
    return driver === undefined
      ? []
      : [
          unread(
            `There is a RAID controller here (driver ${driver}), and no ${family.tools}`,
            `Install ${family.tools} from the maker of the machine.`,
          ),
        ];
  const { code, stdout } = await patient.run(program, family.args, { timeoutMs: limitMs });
  const line = [program, ...family.args].join(' ');
  const parts = code === undefined ? undefined : family.read(stdout);
  if (parts === undefined)
    return [
      unread(
        code === undefined
          ? `${program} did not end within ${limitMs / 1000} s`
          : `What ${program} says is not understood`,
        line,
      ),
    ];
  const sick = parts.filter(({ level }) => level !== 'ok').map((part) => judge(part, line));
  const count = parts.length;
  return parts.length > 0 && sick.length === 0
    ? [well(`${program}: ${count} drives and caches, all well.`)]
    : sick;
}

const judge = ({ what, state, level }: Part, line: string): Finding =>
  (level === 'error' ? broken : doubtful)(
    `The ${what} is in the state ${state}.`,
    'Carried now, the disks may be the only copy that there is.',
    `Replace what is broken and wait until it is rebuilt:\n${line}`,
  );

const unread = (what: string, mend: string): Finding =>
  doubtful(`${what}: the disks could not be read.`, 'Whether the mirrors are whole is not known.', mend);

async function first(
  all: readonly string[],
  is: (one: string) => Promise<boolean>,
): Promise<string | undefined> {
  for (const one of all) if (await is(one)) return one;
  return undefined;
}
