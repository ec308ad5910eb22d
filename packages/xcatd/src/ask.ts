import { readFile } from 'node:fs/promises';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import { fail, ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';

/** `unmade`: it could not be asked from here, which says nothing about it: root’s credential is missing, or is none that the two sides agree on. */
export type XcatdFailure = 'failed' | 'unmade';

/** It answered. */
export interface XcatdAnswer {
  /** Who did, in its own words (`xcatdsource`). */
  readonly source: string | undefined;
  /** Why it cannot do what it was asked, such as a database that is away. */
  readonly error: string | undefined;
}

export interface XcatdOptions {
  readonly port: number;
  /** xCAT's client credential of root: key and certificate in one file. */
  readonly credentialFile: string;
  readonly authorityFile: string;
}

export const usualXcatd: XcatdOptions = {
  port: 3001,
  credentialFile: '/root/.xcat/client-cred.pem',
  authorityFile: '/root/.xcat/ca.pem',
};

const request =
  '<xcatrequest>\n<command>lsxcatd</command>\n<arg>-v</arg>\n<clienttype>cli</clienttype>\n</xcatrequest>\n';
const mostCharacters = 64 * 1024;

/**
 * Asks xcatd for its version, which it looks up in its database. The handshake alone proves less: a stopped main process leaves a listener that takes connections and answers
 * never. An answer with an error (its database is away) is an answer of xcatd all the same.
 */
export async function askXcatd(
  address: string,
  limitMs: number,
  clock: ClockPort,
  options: XcatdOptions = usualXcatd,
): Promise<Result<XcatdAnswer, XcatdFailure>> {
  const where = `xcatd at ${address}:${options.port}`;
  const read = await credentialOf(options);
  if (!read.ok) return read;
  return new Promise((resolve) => {
    let received = '';
    let isSecure = false;
    const late = (): string =>
      isSecure
        ? `${where} took the request, and did not answer within ${limitMs} ms.`
        : `${where} did not take a connection within ${limitMs} ms.`;
    const cancel = clock.after(limitMs, () => end(fail('failed', late())));
    const end = (result: Result<XcatdAnswer, XcatdFailure>): void => {
      cancel();
      socket.destroy();
      resolve(result);
    };
    const socket = connect({
      host: address,
      port: options.port,
      secureContext: read.value,
      // xCAT's certificates name a host in their own way, and the address is the settings'.
      checkServerIdentity: () => undefined,
    });
    socket.setEncoding('utf8');
    socket.on('secureConnect', () => {
      isSecure = true;
      socket.write(request);
    });
    socket.on('data', (text: string) => {
      received += text;
      if (/<serverdone>\s*<\/serverdone>|<serverdone\s*\/>/.test(received)) end(ok(answered(received)));
      else if (received.length > mostCharacters) end(fail('failed', `${where} wrote without end.`));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => end(brokenBy(error, `${address}:${options.port}`)));
    socket.on('close', () => end(fail('failed', `${where} closed the connection without an answer.`)));
  });
}

async function credentialOf(options: XcatdOptions): Promise<Result<SecureContext, XcatdFailure>> {
  try {
    const credential = await readFile(options.credentialFile, 'utf8');
    const ca = await readFile(options.authorityFile, 'utf8');
    return ok(createSecureContext({ key: credential, cert: credential, ca }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail('unmade', `xCAT's client credential cannot be used (${why}). Is xCAT set up for root here?`);
  }
}

/** OpenSSL's words for a certificate that one side does not accept: X509_V_ERR_... without the prefix, or the alert of the other side. */
const isUntrusted = ({ code = '' }: NodeJS.ErrnoException): boolean =>
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA$|ERR_SSL_\w*ALERT_\w*(CERTIFICATE|UNKNOWN_CA))/.test(
    code,
  );

/** A certificate that is not accepted is none of a process that has died, and no restart makes another one. */
function brokenBy(error: NodeJS.ErrnoException, address: string): Result<never, XcatdFailure> {
  if (error.code === 'ECONNREFUSED') return fail('failed', `Nothing listens at ${address}.`);
  if (!isUntrusted(error)) return fail('failed', `xcatd at ${address}: ${error.message}.`);
  return fail(
    'unmade',
    `xcatd at ${address} and root's client credential do not accept each other: ${error.message}. Compare /etc/xcat/cert and /root/.xcat, and see when they expire.`,
  );
}

const mostOfError = 200;

function answered(xml: string): XcatdAnswer {
  const [, error] = /<error>([^<]*)<\/error>/.exec(xml) ?? [];
  const [, source] = /<xcatdsource>([^<]*)<\/xcatdsource>/.exec(xml) ?? [];
  return { source: source?.trim(), error: error?.trim().slice(0, mostOfError) };
}
