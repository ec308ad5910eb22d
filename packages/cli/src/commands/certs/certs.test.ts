import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readNodeFile } from '@hamn/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodes } from '../../exit-codes.ts';
import { runProgram } from '../../program.ts';
import { fakeApp, fakeIo } from '../../testing/fake-io.ts';
import { checkCertificates } from '../doctor/checks/certificates.ts';
import { runCommand } from '../doctor/run-command.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hamnctl-certs-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function run(line: string): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo();
  const code = await runProgram(line.replaceAll('DIR', directory).split(' '), fakeApp(io));
  return { code, ...io.written };
}

async function doctorSays(node: string, address: string, wallMs: number): Promise<readonly string[]> {
  const tls = `{ca: ${directory}/mn1/ca.crt, cert: ${directory}/mn1/node.crt, key: ${directory}/mn1/node.key}`;
  const file = readNodeFile(
    `cluster: lab\nnode: ${node}\naddress: ${address}\netcd: {endpoints: ["https://10.0.0.1:2379"]}\ntls: ${tls}\n`,
    'n',
  );
  if (!file.ok) throw new Error(file.error.message);
  const findings = await checkCertificates({
    file: file.value,
    configPath: '',
    socket: '',
    group: 'mn',
    view: undefined,
    cluster: undefined,
    settings: undefined,
    version: '0.1.0',
    wallMs,
    run: runCommand,
  });
  return findings.filter(({ level }) => level !== 'ok').map(({ level, what }) => `${level}: ${what}`);
}

describe('hamnctl certs', () => {
  it('makes an authority once and a certificate for each node', async () => {
    expect((await run('certs node mn1 --address 10.0.0.1 --dir DIR/ca --out DIR/mn1')).code).toBe(
      exitCodes.usage,
    );
    expect((await run('certs ca --dir DIR/ca')).code).toBe(exitCodes.ok);
    const again = await run('certs ca --dir DIR/ca');
    expect(again.code).toBe(exitCodes.refused);
    expect(again.err).toContain('it is not overwritten');
    const node = await run('certs node mn1 --address 10.0.0.1 --address fd99::11 --dir DIR/ca --out DIR/mn1');
    expect(node.code).toBe(exitCodes.ok);
    expect(node.out).toContain(`The certificate of mn1 is in ${directory}/mn1. It is valid until 2`);
  });

  it('renews, but never replaces another node’s files', async () => {
    expect((await run('certs node mn1 --address 10.0.0.1 --dir DIR/ca --out DIR/mn1')).code).toBe(
      exitCodes.ok,
    );
    expect(await run('certs node mn2 --address 10.0.0.2 --dir DIR/ca --out DIR/mn1')).toEqual({
      code: exitCodes.refused,
      out: '',
      err: `${directory}/mn1 holds the certificate of mn1. Choose another directory for mn2 with --out. Nothing was changed.\n`,
    });
  });

  it('makes what the doctor finds well, until it ends', async () => {
    const now = Date.now();
    expect(await doctorSays('mn1', '10.0.0.1', now)).toEqual([]);
    expect(await doctorSays('mn2', '10.0.0.2', now)).toEqual([
      'error: The certificate does not name mn2.',
      'error: The certificate does not hold the address 10.0.0.2.',
    ]);
    const later = await doctorSays('mn1', '10.0.0.1', now + 720 * 86_400_000);
    expect(later).toHaveLength(1);
    expect(later[0]).toMatch(/^warning: The certificate of mn1 ends in \d+ days, on /);
    expect((await doctorSays('mn1', '10.0.0.1', now + 740 * 86_400_000))[0]).toMatch(
      /^error: The certificate of mn1 ended on /,
    );
  });
});
