import { connect, type TLSSocket } from 'node:tls';
import { ports } from './paths.ts';
import { parseAnswer, requestXml, type XcatAnswer, type XcatRequest } from './xml.ts';

export interface ClientOptions {
  readonly host: string;
  readonly port?: number;
  /** client-cred.pem: key and certificate in one. */
  readonly credential: string | Buffer;
  readonly authority: string | Buffer;
}

export type Said =
  | { readonly ok: true; readonly value: XcatAnswer & { readonly source: string } }
  | { readonly ok: false; readonly code: 'refused' | 'timeout' | 'broken'; readonly message: string };

/** One request to xcatd (or its double), as xCAT's own client makes it; ends within the limit, for a stopped xcatd answers never. */
export function askXcatd(options: ClientOptions, request: XcatRequest, timeoutMs: number): Promise<Said> {
  const port = options.port ?? ports.request;
  return new Promise((resolve) => {
    let received = '';
    const socket: TLSSocket = connect({
      host: options.host,
      port,
      key: options.credential,
      cert: options.credential,
      ca: options.authority,
      // The server is named by its role, not by the address that it moves with.
      checkServerIdentity: () => undefined,
    });
    const end = (said: Said): void => {
      clearTimeout(limit);
      socket.destroy();
      resolve(said);
    };
    const broken = (message: string): void => end({ ok: false, code: 'broken', message });
    const limit = setTimeout(
      () =>
        end({
          ok: false,
          code: 'timeout',
          message: `xcatd at ${options.host}:${port} did not answer within ${timeoutMs} ms.`,
        }),
      timeoutMs,
    );
    socket.setEncoding('utf8');
    socket.on('secureConnect', () => socket.write(requestXml(request)));
    socket.on('data', (text: string) => {
      received += text;
      const answer = parseAnswer(received);
      if (answer !== undefined) end({ ok: true, value: answer });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED')
        end({ ok: false, code: 'refused', message: `Nothing listens at ${options.host}:${port}.` });
      else broken(`The connection to xcatd at ${options.host}:${port} broke: ${error.message}.`);
    });
    socket.on('close', () =>
      broken(`xcatd at ${options.host}:${port} closed the connection without an answer.`),
    );
  });
}
