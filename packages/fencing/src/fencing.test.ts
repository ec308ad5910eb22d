import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FencingSettings } from '@hamn/core';
import type { FencingPort, JournalEvent } from '@hamn/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentDirectories } from './agent/find-agent.ts';
import { createFencing } from './index.ts';
import { DoubleAgents } from './testing/double-agents.ts';
import { clock, device, mn1, settings } from './testing/scene.ts';

let agents: DoubleAgents;
let fencing: FencingPort;
let journal: JournalEvent[];

beforeEach(() => {
  agents = new DoubleAgents();
  journal = [];
  fencing = createFencing(
    { directories: [agents.directory, ...agentDirectories] },
    { clock, journal: { write: (event) => journal.push(event) } },
  );
});
afterEach(() => agents.remove());

const limitMs = 25_000;
const off = (
  using: FencingSettings,
  stillWanted: () => boolean = () => true,
  ms: number = limitMs,
): ReturnType<FencingPort['off']> => fencing.off({ target: mn1, fencing: using, stillWanted }, ms);

const failure = async (
  result: ReturnType<FencingPort['off']>,
): Promise<{ code: string; message: string }> => {
  const ended = await result;
  return ended.ok ? { code: 'it succeeded', message: ended.value } : ended.error;
};

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** What a double left running has said its own process id. */
const pidIn = (name: string): number => Number(agents.read(name, 'pid'));

const waitUntil = async (what: string, is: () => boolean): Promise<void> => {
  const giveUpAt = performance.now() + 10_000;
  while (!is()) {
    if (performance.now() > giveUpAt) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('Debian’s fence_dummy', () => {
  const dummy = (): FencingSettings =>
    settings(
      [device('dummy', 'fence_dummy', { options: { status_file: join(agents.directory, 'status') } })],
      [['dummy']],
    );
  const power = (): string => readFileSync(join(agents.directory, 'status'), 'utf8');

  it('is switched off, seen to be off, and switched on again', async () => {
    writeFileSync(join(agents.directory, 'status'), 'on');
    expect(await fencing.status(dummy(), limitMs)).toEqual([
      { device: 'dummy', node: 'mn1', power: 'on', reason: undefined },
    ]);
    expect(await off(dummy())).toEqual({
      ok: true,
      value: 'dummy switched it off, and says that it is off.',
    });
    expect(power()).toBe('off');
    expect(await fencing.status(dummy(), limitMs)).toMatchObject([{ power: 'off' }]);
    expect(await fencing.on({ target: mn1, fencing: dummy() }, limitMs)).toEqual({
      ok: true,
      value: 'dummy switched it on.',
    });
    expect(power()).toBe('on');
  });

  it('that fails to do it is no success, and says why', async () => {
    const using = settings(
      [device('dummy', 'fence_dummy', { options: { type: 'fail', power_timeout: '1' } })],
      [['dummy']],
    );
    expect(await failure(off(using))).toEqual({
      code: 'failed',
      message: 'dummy did not switch it off (exit code 1). It said: Failed: Timed out waiting to power OFF',
    });
  });

  it('knows its options: one that is misspelt is refused before anything is fired', async () => {
    const using = settings(
      [device('dummy', 'fence_dummy', { options: { 'status-fil': '/tmp/x' } })],
      [['dummy']],
    );
    expect(await failure(off(using))).toEqual({
      code: 'failed',
      message: "fence_dummy has no option 'status-fil' (device dummy). Did you mean 'status_file'?",
    });
    expect(journal.map(({ event }) => event)).toEqual(['fence.end']);
  });

  it('serves one machine, so a plug is a mistake', async () => {
    const using = { ...dummy(), nodes: settings([], [['dummy:3']]).nodes };
    expect(await failure(off(using))).toMatchObject({
      message: 'fence_dummy serves one machine and knows no plugs; write dummy without `plug`.',
    });
  });
});

describe('Debian’s other agents', () => {
  it.each([
    [
      'fence_apc',
      /^fence_apc serves several machines; write \{device: d, plug: \.\.\.\} with the one that is mn1\.$/,
    ],
    ['fence_kdump', /^fence_kdump has no `status`, so nobody could see that the node is off/],
    ['fence_scsi', /^fence_scsi cuts a node off from its storage and leaves it running/],
    ['fence_ack_manual', /^fence_ack_manual cannot be used\./],
    [
      'fence_that_is_not_there',
      /^The agent fence_that_is_not_there is not installed on this node\. Install it/,
    ],
    ['../../bin/sh', /^'\.\.\/\.\.\/bin\/sh' cannot be a fence agent/],
  ])('%s is judged by its own description', async (agent, why) => {
    const [view] = await fencing.status(settings([device('d', agent)], [['d']]), limitMs);
    expect(view).toMatchObject({ power: 'unknown', reason: expect.stringMatching(why) });
  });
});

describe('what an agent is given', () => {
  it('comes on its standard input only, with the plug by the name that it knows', async () => {
    agents.add('fence_pdu', {
      parameters: ['ip', 'passwd', 'port'],
      off: 'tr "\\0" "\\n" </proc/$$/cmdline >"$dir/argv"; env >"$dir/env"; echo off >"$dir/power"',
    });
    const secret = join(agents.directory, 'secret');
    writeFileSync(secret, 'open sesame\n', { mode: 0o600 });
    const using = settings(
      [device('pdu', 'fence_pdu', { options: { ip: '10.9.0.3', passwd: { file: secret } } })],
      [['pdu:3']],
    );
    expect((await off(using)).ok).toBe(true);
    expect(agents.read('fence_pdu', 'input')).toBe(
      'ip=10.9.0.3\npasswd=open sesame\nport=3\naction=status\n',
    );
    expect(agents.read('fence_pdu', 'argv')).not.toContain('sesame');
    expect(agents.read('fence_pdu', 'env')).not.toContain('sesame');
  });

  it('as a secret is never repeated', async () => {
    agents.add('fence_chatty', { parameters: ['passwd'], off: 'echo "ERROR: $input" >&2; exit 1' });
    const secret = join(agents.directory, 'secret');
    writeFileSync(secret, 'sesame\n', { mode: 0o600 });
    const using = settings(
      [device('bmc', 'fence_chatty', { options: { passwd: { file: secret } } })],
      [['bmc']],
    );
    const { message } = await failure(off(using));
    expect(message).toContain('passwd=***');
    expect(JSON.stringify([message, journal])).not.toContain('sesame');
  });

  it('is refused where others than root can read the secret', async () => {
    agents.add('fence_pdu', { parameters: ['passwd'] });
    const secret = join(agents.directory, 'secret');
    writeFileSync(secret, 'sesame\n');
    chmodSync(secret, 0o640);
    const using = settings(
      [device('bmc', 'fence_pdu', { options: { passwd: { file: secret } } })],
      [['bmc']],
    );
    expect(await failure(off(using))).toEqual({
      code: 'failed',
      message: `${secret} is a secret that others than root may read; run \`chown root ${secret}\` and \`chmod 600 ${secret}\`.`,
    });
    writeFileSync(secret, 'two\naction=on\n');
    chmodSync(secret, 0o600);
    expect((await failure(off(using))).message).toContain('holds more than one line');
    expect(agents.asked('fence_pdu')).toEqual([]);
  });
});

describe('an agent that misbehaves', () => {
  const bmc = (agent: string, timeoutMs = 1500, retries = 0): FencingSettings =>
    settings([device('bmc', agent, { timeoutMs, retries })], [['bmc']]);

  it('says success while the status says on: never a success', async () => {
    agents.add('fence_liar', { off: 'echo "Success: Powered OFF"' });
    expect(await failure(off(bmc('fence_liar')))).toEqual({
      code: 'failed',
      message: 'bmc was told to switch it off, but says that it is on.',
    });
    expect(agents.asked('fence_liar').filter((action) => action === 'status').length).toBeGreaterThan(1);
  });

  it('is off a moment later than it says: waited for', async () => {
    agents.add('fence_slow', {
      off: 'touch "$dir/told"',
      status:
        'if [ -e "$dir/seen" ]; then echo "Status: OFF"; exit 2; fi; touch "$dir/seen"; echo "Status: ON"',
    });
    expect((await off(bmc('fence_slow', 10_000))).ok).toBe(true);
    expect(agents.asked('fence_slow')).toEqual(['off', 'status', 'status']);
  });

  it('cannot start, which for a shell or Python is exit code 2 as well: not off', async () => {
    agents.add('fence_broken', { status: 'echo "cannot open file" >&2; exit 2' });
    expect(await failure(off(bmc('fence_broken')))).toEqual({
      code: 'failed',
      message: 'bmc does not tell its status (exit code 2). It said: cannot open file',
    });
  });

  it('hangs: a timeout, all its children are killed, and it is no success even though the power is off', async () => {
    agents.add('fence_hangs', {
      off: 'echo off >"$dir/power"; trap "" TERM; setsid sh -c \'echo $$ >"$0/pid"; trap "" TERM; sleep 600; true\' "$dir"; true',
    });
    expect(await failure(off(bmc('fence_hangs')))).toEqual({
      code: 'timeout',
      message: 'fence_hangs for bmc: It did not end within 1500 ms and was killed.',
    });
    const pid = pidIn('fence_hangs');
    expect(pid).toBeGreaterThan(1);
    await waitUntil('its child in a session of its own is dead', () => !isAlive(pid));
  });

  it('leaves a child behind that holds its output open: the answer counts, the child goes', async () => {
    agents.add('fence_leaves', { off: 'echo off >"$dir/power"; sleep 600 & echo $! >"$dir/pid"' });
    expect((await off(bmc('fence_leaves', 10_000))).ok).toBe(true);
    const pid = pidIn('fence_leaves');
    await waitUntil('the child is dead', () => !isAlive(pid));
  });

  it.each([
    ['prints garbage', 'head -c 2000 /dev/urandom; exit 1', /^bmc did not switch it off \(exit code 1\)\./],
    ['prints without end', 'yes', /^fence_bad for bmc: It wrote without end\.$/],
    ['dies by a signal', 'kill -SEGV $$', /^bmc did not switch it off \(a signal ended it\)\.$/],
    ['ends with another code', 'exit 7', /^bmc did not switch it off \(exit code 7\)\.$/],
  ])('%s', async (_what, command, why) => {
    agents.add('fence_bad', { off: command });
    const { code, message } = await failure(off(bmc('fence_bad', 10_000)));
    expect(code).toBe('failed');
    expect(message).toMatch(why);
    expect(message.length).toBeLessThan(500);
    expect(agents.asked('fence_bad')).toEqual(['off']);
  });

  it.each([
    ['empty', '', /is not the description of a fence agent/],
    ['not XML', 'Usage: fence_odd [options]', /is not the description of a fence agent/],
    ['another XML', '<html><body/></html>', /is not the description of a fence agent/],
    [
      'without off',
      '<resource-agent><actions><action name="status"/></actions></resource-agent>',
      /cannot switch anything off/,
    ],
  ])('has metadata that is %s', async (_what, metadata, why) => {
    agents.add('fence_odd', { metadata });
    expect((await failure(off(bmc('fence_odd')))).message).toMatch(why);
    expect(agents.asked('fence_odd')).toEqual([]);
  });

  it('is tried again as often as is set', async () => {
    agents.add('fence_second', {
      off: 'if [ ! -e "$dir/once" ]; then touch "$dir/once"; exit 1; fi; echo off >"$dir/power"',
    });
    expect((await failure(off(bmc('fence_second')))).code).toBe('failed');
    agents.add('fence_third', {
      off: 'if [ ! -e "$dir/once" ]; then touch "$dir/once"; exit 1; fi; echo off >"$dir/power"',
    });
    expect((await off(bmc('fence_third', 10_000, 1))).ok).toBe(true);
    expect(agents.asked('fence_third')).toEqual(['off', 'off', 'status']);
  });

  it('is asked again what it can do when its program changes', async () => {
    agents.add('fence_new', { metadata: '<resource-agent/>' });
    expect((await off(bmc('fence_new'))).ok).toBe(false);
    agents.add('fence_new');
    expect((await off(bmc('fence_new', 10_000))).ok).toBe(true);
  });
});

describe('an order', () => {
  it('is called off immediately before the shot', async () => {
    agents.add('fence_good');
    const using = settings([device('bmc', 'fence_good')], [['bmc'], ['bmc']]);
    expect(await failure(off(using, () => false))).toEqual({
      code: 'unwanted',
      message: 'The reason went away before anything was switched.',
    });
    expect(agents.asked('fence_good')).toEqual([]);
    expect(agents.power('fence_good')).toBe('on');
  });

  it('waits before its first device, and asks afterwards whether it is still wanted', async () => {
    agents.add('fence_good');
    const using = settings([device('bmc', 'fence_good')], [['bmc']], { delayMs: 300 });
    const begun = performance.now();
    let askedAfterMs = 0;
    const ended = await off(using, () => {
      askedAfterMs = performance.now() - begun;
      return true;
    });
    expect(ended.ok).toBe(true);
    expect(askedAfterMs).toBeGreaterThanOrEqual(300);
  });

  it('goes to the next level when one fails', async () => {
    agents.add('fence_dead', { off: 'echo "Connection timed out" >&2; exit 1' });
    agents.add('fence_good');
    const using = settings([device('bmc', 'fence_dead'), device('pdu', 'fence_good')], [['bmc'], ['pdu']]);
    expect(await off(using)).toEqual({ ok: true, value: 'pdu switched it off, and says that it is off.' });
  });

  it('with two supplies needs both, and sees both off at the end', async () => {
    agents.add('fence_a');
    agents.add('fence_b');
    const both = settings([device('a', 'fence_a'), device('b', 'fence_b')], [['a', 'b']]);
    expect(await off(both)).toEqual({
      ok: true,
      value: 'a and b switched it off, and say that it is off.',
    });
    expect(agents.asked('fence_a')).toEqual(['off', 'status', 'status']);
    agents.add('fence_a');
    agents.add('fence_b', { off: 'exit 1' });
    expect(await failure(off(both))).toMatchObject({ code: 'failed' });
    expect(agents.asked('fence_a')).not.toContain('on');
  });

  it('where one supply comes back while the other is switched is no success', async () => {
    agents.add('fence_a', {
      status:
        'if [ ! -e "$dir/seen" ]; then touch "$dir/seen"; echo "Status: OFF"; exit 2; fi; echo "Status: ON"',
    });
    agents.add('fence_b');
    const both = settings(
      [device('a', 'fence_a', { timeoutMs: 1000 }), device('b', 'fence_b')],
      [['a', 'b']],
    );
    expect(await failure(off(both))).toEqual({
      code: 'failed',
      message: 'a was told to switch it off, but says that it is on.',
    });
  });

  it('ends at its limit, and fires nothing afterwards', async () => {
    agents.add('fence_hangs', { off: 'sleep 600' });
    const using = settings([device('bmc', 'fence_hangs', { retries: 5 })], [['bmc'], ['bmc']]);
    expect(await failure(off(using, () => true, 1500))).toMatchObject({ code: 'timeout' });
    const fired = agents.asked('fence_hangs');
    expect(fired.length).toBeGreaterThan(0);
    await waitUntil('no run is left', () => runsOf('fence_hangs') === 0);
    expect(agents.asked('fence_hangs')).toEqual(fired);
  });

  it('for a node without devices is told so', async () => {
    expect(await failure(off({ ...settings([], []), nodes: [] }))).toEqual({
      code: 'not-configured',
      message: 'No fencing device is configured for mn1.',
    });
  });

  it('is in the journal: what was fired, and how it ended', async () => {
    agents.add('fence_good');
    await off(settings([device('bmc', 'fence_good')], [['bmc']]));
    expect(journal).toMatchObject([
      { event: 'fence.fire', level: 'warn', message: 'bmc is told to switch mn1 off (fence_good).' },
      {
        event: 'fence.end',
        message: 'mn1 is off: bmc switched it off, and says that it is off.',
        fields: { target: 'mn1', outcome: 'confirmed' },
      },
    ]);
  });
});

const runsOf = (agent: string): number => {
  try {
    return execFileSync('pgrep', ['-f', join(agents.directory, agent)])
      .toString()
      .trim()
      .split('\n').length;
  } catch {
    return 0;
  }
};

describe('one device', () => {
  it('is asked one thing at a time', async () => {
    agents.add('fence_single', {
      parameters: ['plug'],
      status:
        'mkdir "$dir/lock" || { echo "two at once" >&2; exit 1; }; sleep 0.1; rmdir "$dir/lock"; echo "Status: ON"',
    });
    const using = settings([device('pdu', 'fence_single')], [['pdu:1'], ['pdu:2'], ['pdu:3']]);
    const views = await fencing.status(using, limitMs);
    expect(views).toMatchObject([
      { device: 'pdu:1', power: 'on' },
      { device: 'pdu:2', power: 'on' },
      { device: 'pdu:3', power: 'on' },
    ]);
  });

  it('is not held up by a look that hangs: a shot interrupts it', async () => {
    agents.add('fence_sleepy', {
      status: 'if [ -e "$dir/shot" ]; then echo "Status: OFF"; exit 2; fi; touch "$dir/looking"; sleep 600',
      off: 'touch "$dir/shot"',
    });
    const using = settings([device('bmc', 'fence_sleepy', { timeoutMs: 20_000 })], [['bmc']]);
    const look = fencing.status(using, limitMs);
    await waitUntil('the look is under way', () =>
      existsSync(join(agents.directory, 'fence_sleepy.d', 'looking')),
    );
    const begun = performance.now();
    expect((await off(using)).ok).toBe(true);
    expect(performance.now() - begun).toBeLessThan(15_000);
    // Asked again afterwards.
    expect(await look).toMatchObject([{ power: 'off' }]);
  });

  it('that one order switches on again is not touched by it once a later one switches it off', async () => {
    agents.add('fence_good', { on: 'exit 1' });
    const using = settings([device('bmc', 'fence_good', { retries: 10 })], [['bmc']]);
    expect((await off(using)).ok).toBe(true);
    const on = fencing.on({ target: mn1, fencing: using }, limitMs);
    expect((await off(using)).ok).toBe(true);
    expect(await failure(on)).toMatchObject({ code: 'unwanted' });
    expect(agents.asked('fence_good').at(-1)).toBe('status');
  });
});
