import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { fail, ok, type Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';

/** `unmade`: it could not be asked from here, which says nothing about it. */
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
  let credential: string;
  let authority: string;
  try {
    credential = await readFile(options.credentialFile, 'utf8');
    authority = await readFile(options.authorityFile, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail('unmade', `xCAT's client credential cannot be read (${why}). Is xCAT set up for root here?`);
  }
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
      key: credential,
      cert: credential,
      ca: authority,
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
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(
        fail(
          'failed',
          error.code === 'ECONNREFUSED'
            ? `Nothing listens at ${address}:${options.port}.`
            : `${where}: ${error.message}.`,
        ),
      ),
    );
    socket.on('close', () => end(fail('failed', `${where} closed the connection without an answer.`)));
  });
}

const mostOfError = 200;

function answered(xml: string): XcatdAnswer {
  const [, error] = /<error>([^<]*)<\/error>/.exec(xml) ?? [];
  const [, source] = /<xcatdsource>([^<]*)<\/xcatdsource>/.exec(xml) ?? [];
  return { source: source?.trim(), error: error?.trim().slice(0, mostOfError) };
}
