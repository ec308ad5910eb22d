import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { familyOf, stillRunning } from '@hamn/linux';
import { afterAll, describe, expect, it } from 'vitest';
import { describeAgent } from './describe-agent.ts';
import { judgeRun } from './judge-run.ts';
import { runAgent } from './run-agent.ts';
import { act, agentOf, DoubleAgents } from './testing/scene.ts';

const doubles = new DoubleAgents();
const { host } = doubles;
const resource = { name: 'r', parameters: {} };
const pidIn = (file: string): number => Number(doubles.read(file).trim());
const runs = (pid: number): boolean =>
  stillRunning(familyOf(pid).filter((one) => one.pid === pid)).length > 0;

afterAll(() => doubles.remove());

describe('an agent that hangs', () => {
  it('is ended at its limit, with what it started', async () => {
    const name = doubles.add('hang', 'echo $$ >$dir/hang; sleep 600 & echo $! >$dir/helper; wait');
    const agent = await agentOf(name, host);
    const begun = performance.now();
    const ran = await runAgent(agent, resource, { action: 'start', limitMs: 1000 }, host);
    expect(ran.ok ? '' : ran.error.code).toBe('timeout');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(995);
    expect(pidIn('hang')).toBeGreaterThan(1);
    expect([runs(pidIn('hang')), runs(pidIn('helper'))]).toEqual([false, false]);
  });

  it('is killed when it does not heed SIGTERM', async () => {
    const script =
      "trap 'echo asked >>$dir/asked' TERM; echo $$ >$dir/deaf; while :; do sleep 600 & echo $! >$dir/sleep; wait; done";
    const agent = await agentOf(doubles.add('deaf', script), host);
    const begun = performance.now();
    expect(await act(agent, resource, { action: 'stop', limitMs: 1000 }, host)).toBe('timeout');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(1290);
    expect(doubles.read('asked')).toMatch(/^asked/);
    expect([runs(pidIn('deaf')), runs(pidIn('sleep'))]).toEqual([false, false]);
  });

  it('cannot turn a timeout into success', async () => {
    const script = "trap 'exit 0' TERM; echo $$ >$dir/sly; while :; do sleep 0.02; done";
    const agent = await agentOf(doubles.add('sly', script), host);
    expect(await act(agent, resource, { action: 'stop', limitMs: 1000 }, host)).toBe('timeout');
    expect(runs(pidIn('sly'))).toBe(false);
  });

  it('does not leave a helper behind that has a session of its own', async () => {
    const script = "setsid --wait sh -c 'echo $$ >$0/own; exec sleep 600' $dir";
    const agent = await agentOf(doubles.add('su', script), host);
    expect(await act(agent, resource, { action: 'monitor', limitMs: 1000 }, host)).toBe('timeout');
    expect(pidIn('own')).toBeGreaterThan(1);
    expect(runs(pidIn('own'))).toBe(false);
  });

  it('is ended when nobody wants it any more', async () => {
    const agent = await agentOf(doubles.add('long', 'echo $$ >$dir/long; exec sleep 600'), host);
    const abort = new AbortController();
    const order = { action: 'monitor', signal: abort.signal } as const;
    const running = act(agent, resource, order, host);
    host.clock.after(200, () => abort.abort());
    expect(await running).toBe('interrupted');
    expect(doubles.read('long') === '' || !runs(pidIn('long'))).toBe(true);
    expect(await act(agent, resource, order, host)).toBe('interrupted');
  });

  const freezer = '/sys/fs/cgroup/freezer';
  it.runIf(existsSync(`${freezer}/cgroup.procs`))('is told when even SIGKILL does not end it', async () => {
    // The old freezer holds back SIGKILL, as a disk that does not answer would.
    const group = `${freezer}/hamn-ocf-${process.pid}`;
    mkdirSync(group);
    const script = `echo $$ >$dir/frozen; echo $$ >${group}/cgroup.procs; echo FROZEN >${group}/freezer.state`;
    try {
      const agent = await agentOf(doubles.add('frozen', script), host);
      const ran = await runAgent(agent, resource, { action: 'stop', limitMs: 1000 }, host);
      expect(ran.ok ? '' : ran.error.code).toBe('timeout');
      expect(ran.ok ? '' : ran.error.message).toContain(
        `Even SIGKILL did not end process ${pidIn('frozen')}: it waits in the kernel`,
      );
    } finally {
      writeFileSync(`${group}/freezer.state`, 'THAWED');
      await expect.poll(() => readFileSync(`${group}/cgroup.procs`, 'utf8'), { timeout: 10_000 }).toBe('');
      rmdirSync(group);
    }
  });

  it('is no success when somebody else kills it', async () => {
    const agent = await agentOf(doubles.add('shot', 'kill -9 $$'), host);
    expect(await act(agent, resource, 'start', host)).toBe('killed');
  });
});

describe('an agent that starts a service', () => {
  it('leaves it running, though it holds the pipes open', async () => {
    const script = 'sleep 600 & echo $! >$dir/service; echo started; exit 0';
    const agent = await agentOf(doubles.add('daemon', script), host);
    const begun = performance.now();
    const ran = await runAgent(agent, resource, { action: 'start' }, host);
    expect(ran.ok && ran.value).toMatchObject({ code: 0, stdout: { text: 'started\n', droppedBytes: 0 } });
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(runs(pidIn('service'))).toBe(true);
    process.kill(pidIn('service'), 'SIGKILL');
  });
});

describe('what an agent writes', () => {
  it('is kept to the last 64 KiB of each stream', async () => {
    const script =
      'head -c 5000000 /dev/zero | tr "\\0" x; echo end; head -c 300000 /dev/zero | tr "\\0" y >&2';
    const agent = await agentOf(doubles.add('chatter', script), host);
    const ran = await runAgent(agent, resource, { action: 'start' }, host);
    if (!ran.ok) throw new Error(ran.error.message);
    const { stdout, stderr, words } = ran.value;
    expect(stdout.text).toHaveLength(65_536);
    expect(stdout.text.endsWith('xend\n')).toBe(true);
    expect(stdout.droppedBytes).toBe(5_000_004 - 65_536);
    expect(stderr.droppedBytes).toBe(300_000 - 65_536);
    expect(words).toHaveLength(300);
  });

  it('is told with the reason first', async () => {
    const script =
      'echo "Nov 28 16:00:00 ERROR: noise" >&2; echo "ocf-exit-reason:The disk is away" >&2; echo "more" >&2; exit 5';
    const agent = await agentOf(doubles.add('reason', script), host);
    const judged = judgeRun(
      agent,
      resource,
      'start',
      await runAgent(agent, resource, { action: 'start' }, host),
    );
    expect(judged).toEqual({
      ok: false,
      error: {
        code: 'unusable-here',
        message:
          'ocf:test:reason start of r: it lacks a program or file on this node (exit code 5, OCF_ERR_INSTALLED). It said: The disk is away',
      },
    });
  });

  it('without a reason is the end of it', async () => {
    const agent = await agentOf(
      doubles.add('plain', 'echo "Nov 28 16:00:00 ERROR: noise" >&2; exit 6'),
      host,
    );
    const judged = judgeRun(
      agent,
      resource,
      'stop',
      await runAgent(agent, resource, { action: 'stop' }, host),
    );
    expect(judged.ok ? '' : judged.error.message).toContain('It said: ERROR: noise');
    expect(judged.ok ? '' : judged.error.code).toBe('misconfigured');
  });
});

describe('a description', () => {
  it.each([
    ['says-nothing', ''],
    ['broken', '<resource-agent><actions><action name='],
    ['other', '<fence-agent/>'],
    [
      'no-stop',
      '<resource-agent><actions><action name="start"/><action name="monitor"/></actions></resource-agent>',
    ],
    ['endless', `<resource-agent>${'x'.repeat(1_100_000)}</resource-agent>`],
  ])('that cannot be used is refused in a sentence: %s', async (type, metadata) => {
    const agent = await describeAgent(doubles.add(type, '', { metadata }), host);
    if (agent.ok) throw new Error('It was taken.');
    expect(agent.error.code).toBe('bad-metadata');
    expect(agent.error.message).toMatch(new RegExp(`^ocf:test:${type} cannot be used\\. .*\\.$`));
  });

  it('is refused with what the agent said', async () => {
    doubles.add('fails', '');
    const path = `${doubles.directory}/resource.d/test/fails`;
    writeFileSync(path, '#!/bin/sh\necho "ocf-exit-reason:no python here" >&2\nexit 5\n');
    const agent = await describeAgent('ocf:test:fails', host);
    expect(agent.ok ? '' : agent.error.message).toBe(
      'ocf:test:fails cannot be used. Asked for `meta-data` it ended with exit code 5. It said: no python here',
    );
    chmodSync(path, 0o644);
    const plain = await describeAgent('ocf:test:fails', host);
    expect(plain.ok ? '' : plain.error).toEqual({
      code: 'not-executable',
      message: `${path} is not executable; run \`chmod 755 ${path}\`.`,
    });
  });
});

describe('an agent whose interpreter is missing', () => {
  it('is not started', async () => {
    const agent = await agentOf(doubles.add('uninterpreted', ''), host);
    writeFileSync(agent.path, '#!/nonexistent/interpreter\n');
    expect(await act(agent, resource, 'start', host)).toBe('not-started');
  });
});
