import type { MakemnCheck } from '@hamn/api';
import type { RunCommand } from '../doctor/run-command.ts';

/** xCAT's own commands and how to reach them. */
export interface XcatTools {
  readonly run: RunCommand;
  /** /opt/xcat/bin. */
  readonly directory: string;
}

const commandLimitMs = 20_000;
const resolveLimitMs = 5000;

type Read = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly why: string };

/** site.master as xCAT tells it, on the node where xcatd runs. It is changed only when `fix` says so, and then read back: chdef's exit code is no proof. */
export async function checkSiteMaster(
  vips: readonly string[],
  fix: boolean,
  tools: XcatTools,
): Promise<MakemnCheck> {
  const [first] = vips;
  if (first === undefined)
    return { state: 'ok', text: 'The group has no VIP, so site.master is your own matter.' };
  const found = await judge(vips, tools);
  if (found.state === 'ok' || found.remedy !== fixRemedy(first, tools) || !fix) return found;
  const changed = await tools.run(`${tools.directory}/chdef`, ['-t', 'site', `master=${first}`], {
    timeoutMs: commandLimitMs,
  });
  const after = await judge(vips, tools);
  if (after.state === 'ok') return { state: 'ok', text: `${after.text} It was set now.` };
  return {
    state: 'wrong',
    text: `site.master could not be set to ${first}: chdef ended with ${changed.code ?? 'no answer within its limit'}.${saidBy(changed.stderr)} ${after.text}`,
    remedy: fixRemedy(first, tools),
  };
}

async function judge(vips: readonly string[], tools: XcatTools): Promise<MakemnCheck> {
  const [first = ''] = vips;
  const read = await readMaster(tools);
  if (!read.ok)
    return {
      state: 'wrong',
      text: `site.master could not be read: ${read.why}`,
      remedy: '`hamnctl resources` says how xcatd is; then run hamnctl makemn again.',
    };
  const { value } = read;
  const remedy = fixRemedy(first, tools);
  if (value === '') return { state: 'wrong', text: 'site.master is not set.', remedy };
  if (vips.includes(value)) return { state: 'ok', text: `site.master is the VIP ${value}.` };
  const addresses = await resolve(value, tools);
  const vip = vips.find((one) => addresses.includes(one));
  if (vip !== undefined) return { state: 'ok', text: `site.master is ${value}, the name of the VIP ${vip}.` };
  const means = addresses.length === 0 ? '' : ` (${addresses.join(', ')})`;
  return {
    state: 'wrong',
    text: `site.master is ${value}${means}, which is none of the VIPs (${vips.join(', ')}): nodes would ask a machine that is not always the management node.`,
    remedy,
  };
}

const fixRemedy = (vip: string, { directory }: XcatTools): string =>
  `\`hamnctl makemn --fix-site\`, or ${directory}/chdef -t site master=${vip}`;

async function readMaster({ run, directory }: XcatTools): Promise<Read> {
  const program = `${directory}/gettab`;
  const { code, stdout, stderr } = await run(program, ['key=master', 'site.value'], {
    timeoutMs: commandLimitMs,
  });
  if (code === undefined)
    return {
      ok: false,
      why: `${program} could not be started, or did not end within ${commandLimitMs / 1000} s.${saidBy(stderr)}`,
    };
  if (code !== 0) return { ok: false, why: `${program} ended with ${code}.${saidBy(stderr || stdout)}` };
  return { ok: true, value: stdout.trim().replace(/^site\.value:\s*/, '') };
}

/** Every address of a name by this node's resolver; none where it is not known. */
async function resolve(name: string, { run }: XcatTools): Promise<readonly string[]> {
  const { code, stdout } = await run('getent', ['ahosts', name], { timeoutMs: resolveLimitMs });
  if (code !== 0) return [];
  return [...new Set(stdout.split('\n').flatMap((line) => line.split(/\s+/)[0] || []))];
}

const saidBy = (text: string): string => {
  const [line = ''] = text.trim().split('\n');
  return line === '' ? '' : ` It said: ${line.replace(/\.?$/, '.')}`;
};
