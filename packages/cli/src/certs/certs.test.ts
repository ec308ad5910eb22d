import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAuthority } from './authority.ts';
import { describeCertificate } from './describe.ts';
import { makeNodeCertificate } from './node-certificate.ts';

const yearMs = 365 * 86_400_000;
const modeOf = (path: string): number => statSync(path).mode & 0o777;
const certificate = (path: string): X509Certificate => new X509Certificate(readFileSync(path));

describe('the cluster’s certificates', () => {
  let base: string;
  let ca: string;
  let out: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'hamn-certs-'));
    ca = join(base, 'ca');
    out = join(base, 'tls');
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('makes an authority for ten years that only root reads', async () => {
    expect(await makeAuthority(ca)).toMatchObject({ ok: true });
    expect([modeOf(ca), modeOf(join(ca, 'ca.key')), modeOf(join(ca, 'ca.crt'))]).toEqual([
      0o700, 0o600, 0o600,
    ]);
    expect(readdirSync(ca).sort()).toEqual(['ca.crt', 'ca.key']);
    const described = await describeCertificate(join(ca, 'ca.crt'));
    expect(described).toMatchObject({ ok: true, value: { name: 'hamn cluster CA', isAuthority: true } });
    if (!described.ok) return;
    const years = (described.value.notAfterWallMs - described.value.notBeforeWallMs) / yearMs;
    expect(years).toBeCloseTo(10, 1);
  });

  it('never overwrites an authority, not even half of one', async () => {
    await makeAuthority(ca);
    const before = readFileSync(join(ca, 'ca.key'));
    expect(await makeAuthority(ca)).toMatchObject({ ok: false, error: { code: 'exists' } });
    rmSync(join(ca, 'ca.crt'));
    expect(await makeAuthority(ca)).toMatchObject({ ok: false, error: { code: 'exists' } });
    expect(readFileSync(join(ca, 'ca.key'))).toEqual(before);
  });

  it('makes a node’s certificate: its name, its addresses, server and client, two years', async () => {
    await makeAuthority(ca);
    const made = await makeNodeCertificate(ca, { name: 'mn1', addresses: ['10.1.0.221', 'fd99::21'] }, out);
    expect(made).toMatchObject({ ok: true, value: { cert: join(out, 'node.crt') } });
    expect(readdirSync(out).sort()).toEqual(['ca.crt', 'node.crt', 'node.key']);
    expect([modeOf(out), modeOf(join(out, 'node.key'))]).toEqual([0o700, 0o600]);
    const own = certificate(join(out, 'node.crt'));
    expect(own.verify(certificate(join(ca, 'ca.crt')).publicKey)).toBe(true);
    expect(own.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'prime256v1' });
    for (const address of ['10.1.0.221', 'fd99::21', '127.0.0.1', '::1'])
      expect(own.checkIP(address)).toBe(address);
    for (const name of ['mn1', 'localhost']) expect(own.checkHost(name)).toBe(name);
    expect(own.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    const described = await describeCertificate(join(out, 'node.crt'));
    expect(described).toMatchObject({
      ok: true,
      value: { name: 'mn1', issuer: 'hamn cluster CA', isAuthority: false },
    });
    if (!described.ok) return;
    expect(described.value.names).toContain('10.1.0.221');
    expect((described.value.notAfterWallMs - described.value.notBeforeWallMs) / yearMs).toBeCloseTo(2, 1);
  });

  it('replaces a node’s certificate when asked again, with another serial number', async () => {
    await makeAuthority(ca);
    await makeNodeCertificate(ca, { name: 'mn1', addresses: [] }, out);
    const first = certificate(join(out, 'node.crt')).serialNumber;
    await makeNodeCertificate(ca, { name: 'mn1', addresses: [] }, out);
    expect(certificate(join(out, 'node.crt')).serialNumber).not.toBe(first);
    expect(readdirSync(out).sort()).toEqual(['ca.crt', 'node.crt', 'node.key']);
  });

  it.each(['', 'mn 1', 'mn1/CN=mn2', 'mn1,IP:10.0.0.1', '10.0.0.1', '-mn1', 'mn1\nx'])(
    'refuses the name %j',
    async (name) => {
      await makeAuthority(ca);
      const made = await makeNodeCertificate(ca, { name, addresses: [] }, out);
      expect(made).toMatchObject({ ok: false, error: { code: 'bad-name' } });
    },
  );

  it('says what is missing', async () => {
    const made = await makeNodeCertificate(ca, { name: 'mn1', addresses: [] }, out);
    expect(made).toMatchObject({ ok: false, error: { code: 'missing' } });
    expect(!made.ok && made.error.message).toContain(`hamnctl certs ca --dir ${ca}`);
    expect(await describeCertificate(join(ca, 'ca.crt'))).toMatchObject({ error: { code: 'missing' } });
    writeFileSync(join(base, 'text'), 'no certificate');
    expect(await describeCertificate(join(base, 'text'))).toMatchObject({ error: { code: 'files' } });
  });
});
