/** A software RAID as /proc/mdstat shows it. Source: md_seq_show() of the kernel's drivers/md/md.c, and status() of each personality. */
export interface MdArray {
  readonly name: string;
  readonly state: 'active' | 'inactive' | 'broken';
  /** `raid1`; undefined where it is inactive. */
  readonly level: string | undefined;
  /** `sda1`. */
  readonly failed: readonly string[];
  /** Members that there should be, and that work; undefined where the level has no copies. */
  readonly wanted: number | undefined;
  readonly working: number | undefined;
  readonly sync: MdSync | undefined;
  /** Of metadata of the BIOS (Intel, DDF): it only holds other arrays, and is inactive. */
  readonly isContainer: boolean;
}

export interface MdSync {
  readonly what: 'recovery' | 'resync' | 'reshape' | 'check';
  /** Undefined: it waits for another one. */
  readonly percent: number | undefined;
}

const head =
  /^(\S+) ?: (active|inactive|broken)(?: \([a-z-]+\))*(?: (linear|raid\d+|multipath|faulty|container)(?= |$))?(.*)$/;
const redundant = /^raid(1|4|5|6|10)$/;

/** Undefined: it is not what the kernel writes. */
export function parseMdstat(text: string): readonly MdArray[] | undefined {
  if (!/^Personalities *:/m.test(text)) return undefined;
  const arrays: MdArray[] = [];
  for (const block of text.split(/\n(?=\S)/)) {
    if (/^(Personalities|unused devices|read_ahead|Event)\b/.test(block) || block.trim() === '') continue;
    const array = arrayOf(block);
    if (array === undefined) return undefined;
    arrays.push(array);
  }
  return arrays;
}

function arrayOf(block: string): MdArray | undefined {
  const [first = '', ...rest] = block.split('\n');
  const [, name = '', state, level, members = ''] = head.exec(first) ?? [];
  if (state !== 'active' && state !== 'inactive' && state !== 'broken') return undefined;
  const body = rest.join('\n');
  const [, wanted, working] = /\[(\d+)\/(\d+)\]/.exec(body) ?? [];
  // An active mirror always says how many copies it has; else this is not understood.
  if (state === 'active' && level !== undefined && redundant.test(level) && working === undefined)
    return undefined;
  return {
    name,
    state,
    level,
    failed: [...members.matchAll(/(\S+)\[\d+\](?:\([A-Z]\))*\(F\)/g)].map(([, device = '']) => device),
    wanted: wanted === undefined ? undefined : Number(wanted),
    working: working === undefined ? undefined : Number(working),
    sync: syncOf(body),
    isContainer: level === 'container' || /super external:(?!\/|-)/.test(body),
  };
}

function syncOf(body: string): MdSync | undefined {
  const [, what, percent] =
    /\b(recovery|resync|reshape|check)\s*=\s*(?:([\d.]+)%|DELAYED|PENDING|REMOTE)/.exec(body) ?? [];
  if (what !== 'recovery' && what !== 'resync' && what !== 'reshape' && what !== 'check') return undefined;
  return { what, percent: percent === undefined ? undefined : Number(percent) };
}

/** What `mdadm --detail` adds: the name that was given to the array, and the members that are gone. */
export function parseDetail(text: string): {
  readonly name: string | undefined;
  readonly gone: readonly string[];
} {
  const [, name] = /^\s*Name : (\S+)/m.exec(text) ?? [];
  const gone = [...text.matchAll(/^\s+\S+\s+\S+\s+\S+\s+(\S+)\s+(?:removed|faulty)\b *(\/dev\/\S+)?/gm)].map(
    ([, slot, device]) => device ?? `the one in place ${slot}`,
  );
  return { name, gone };
}
