import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PostgresTls } from '@hamn/core';
import { always } from '@hamn/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgres, type Postgres } from './postgres.ts';
import { must, until, up } from './testing/expecting.ts';
import { makeAuthority, type TestAuthority, type TestCertificate } from './testing/test-certificates.ts';
import { initialise, makeCluster, ownerOf, type TestCluster, type TestNode } from './testing/test-node.ts';

let cluster: TestCluster;
let one: TestNode;
let two: TestNode;
let authority: TestAuthority;
let stranger: TestAuthority;
let ports: Postgres[] = [];

const limitMs = 30_000;

/** The node with TLS of its own towards the others. */
function withTls(node: TestNode, tls: PostgresTls): Postgres {
  const port = createPostgres({ ...node.options, tls }, node.deps);
  ports.push(port);
  return port;
}

const tlsOf = (files: TestCertificate, mode: PostgresTls['mode'] = 'verify-full'): PostgresTls => ({
  mode,
  rootCert: mode === 'require' ? undefined : files.ca,
  client: { cert: files.cert, key: files.key },
});

/** The admin's part: a server with a certificate, which lets in over TLS only who shows one of the same CA. */
function offerTls(node: TestNode): void {
  const { ca, cert, key } = authority.certify(node.name, node.options.address, { forServer: true });
  const directory = dirname(node.options.includeDirectory);
  appendFileSync(
    join(directory, 'postgresql.conf'),
    `ssl = on\nssl_ca_file = '${ca}'\nssl_cert_file = '${cert}'\nssl_key_file = '${key}'\n`,
  );
  writeFileSync(
    join(directory, 'pg_hba.conf'),
    'hostnossl all hamn 127.0.0.1/32 scram-sha-256\nhostssl all,replication hamn 127.0.0.0/8 cert map=hamn\n',
  );
  writeFileSync(join(directory, 'pg_ident.conf'), 'hamn mn1 hamn\nhamn mn2 hamn\n');
}

beforeAll(async () => {
  cluster = makeCluster();
  authority = makeAuthority(join(cluster.root, 'ca'), 'hamn-ca');
  stranger = makeAuthority(join(cluster.root, 'other-ca'), 'other-ca');
  one = await cluster.node('mn1');
  two = await cluster.node('mn2');
  offerTls(one);
  offerTls(two);
  initialise(one);
  must(await one.postgres.startStandby(undefined, limitMs));
  must(await one.postgres.promote(limitMs, always));
}, 300_000);
afterAll(async () => {
  for (const port of ports) port.close();
  ports = [];
  await cluster.close();
});

describe('replication over TLS', () => {
  test('is refused with a reason: a CA that did not sign, a wrong name, no certificate, no TLS', async () => {
    const good = authority.certify('mn2', two.options.address);
    const foreign = stranger.certify('mn2', two.options.address);
    const untrusting = withTls(two, { ...tlsOf(good), rootCert: foreign.ca });
    const cloned = await untrusting.clone(one.upstream, limitMs);
    expect(cloned).toMatchObject({ ok: false });
    expect(cloned.ok ? '' : cloned.error.message).toMatch(
      /must be signed by the CA in postgres\.tls\.rootCert/,
    );
    const elsewhere = { ...one.upstream, node: two.upstream.node };
    const misled = await withTls(two, tlsOf(good)).clone(elsewhere, limitMs);
    expect(misled.ok ? '' : misled.error.message).toMatch(/does not match certificate's altnames/);
    const nameless = await withTls(two, { ...tlsOf(good), client: undefined }).clone(one.upstream, limitMs);
    expect(nameless.ok ? '' : nameless.error.message).toMatch(/valid client certificate/);
    const unsigned = withTls(two, { ...tlsOf(foreign), rootCert: good.ca });
    const refused = await unsigned.clone(one.upstream, limitMs);
    expect(refused.ok ? '' : refused.error.message).toMatch(/unknown ca|certificate/i);
    const plain = await two.postgres.clone(one.upstream, limitMs);
    expect(plain.ok ? '' : plain.error.message).toContain('pg_hba.conf');
  }, 300_000);

  test('clones, streams and rewinds with the node’s own certificate', async () => {
    const files = authority.certify('mn2', two.options.address);
    const postgres = withTls(two, tlsOf(files));
    must(await postgres.clone(one.upstream, limitMs));
    must(await postgres.startStandby(one.upstream, limitMs));
    await until('it streams', limitMs, async () => (await up(postgres)).streaming);
    const seen = await one.sql(
      "SELECT ssl, client_dn FROM pg_stat_ssl JOIN pg_stat_replication USING (pid) WHERE application_name = 'mn2'",
    );
    expect(seen).toEqual([{ ssl: true, client_dn: '/CN=mn2' }]);
    const copy = join(two.options.stateDirectory, 'postgres', 'client.key');
    expect(statSync(copy)).toMatchObject({ uid: ownerOf().uid });
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    must(await one.postgres.stop('fast', limitMs));
    must(await postgres.promote(limitMs, always));
    const back = withTls(one, tlsOf(authority.certify('mn1', one.options.address)));
    must(await back.rewind(two.upstream, limitMs));
    must(await back.startStandby(two.upstream, limitMs));
    await until('the old primary streams', limitMs, async () => (await up(back)).streaming);
  }, 300_000);

  test('goes on with the last copy of a certificate whose file is gone, and says so', async () => {
    const files = authority.certify('mn2', two.options.address);
    const gone = withTls(two, { ...tlsOf(files), client: { cert: `${files.cert}.gone`, key: files.key } });
    must(await gone.applySettings(limitMs));
    const { problems } = must(await gone.observe(5000));
    expect(problems?.join()).toContain(`${files.cert}.gone of postgres.tls cannot be read`);
    expect(readFileSync(join(two.options.includeDirectory, 'hamn.conf'), 'utf8')).toContain(
      'sslmode=verify-full',
    );
  });

  test('is off only where that is said', async () => {
    const off = withTls(two, { mode: 'off', rootCert: undefined, client: undefined });
    must(await off.applySettings(limitMs));
    expect(readFileSync(join(two.options.includeDirectory, 'hamn.conf'), 'utf8')).toMatch(
      /sslmode=disable|primary_conninfo = ''/,
    );
  });
});
