import { createServer, type DBusConnection, type Message, messageType } from 'dbus-native';

export type Answer =
  | { readonly signature: string; readonly body: unknown[] }
  | { readonly error: string }
  | 'silence';

export interface FakeSystemd {
  readonly address: string;
  readonly calls: readonly Message[];
  signal(path: string, iface: string, member: string, signature: string, body: unknown[]): void;
  /** Drops every connection, as a systemd that re-executes itself does. */
  drop(): void;
  close(): void;
}

/** A peer that speaks D-Bus on a socket and answers each call by `answer`. */
export async function fakeSystemd(path: string, answer: (call: Message) => Answer): Promise<FakeSystemd> {
  const connections = new Set<DBusConnection>();
  const calls: Message[] = [];
  let serial = 1;
  const server = createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => undefined);
    connection.on('close', () => connections.delete(connection));
    connection.on('message', (call) => {
      calls.push(call);
      const reply = answer(call);
      if (reply === 'silence' || call.serial === undefined) return;
      const common = { serial: serial++, replySerial: call.serial };
      connection.message(
        'error' in reply
          ? { ...common, type: messageType.error, errorName: reply.error, signature: 's', body: ['refused'] }
          : { ...common, type: messageType.methodReturn, ...reply },
      );
    });
  });
  const listening = server.listen(path) as { close(): void; once(event: string, run: () => void): void };
  await new Promise<void>((resolve) => listening.once('listening', resolve));
  const drop = (): void => {
    for (const connection of connections) connection.stream.destroy();
  };
  return {
    address: `unix:path=${path}`,
    calls,
    drop,
    signal: (signalPath, iface, member, signature, body) => {
      for (const connection of connections) {
        connection.message({
          type: messageType.signal,
          serial: serial++,
          path: signalPath,
          interface: iface,
          member,
          signature,
          body,
        });
      }
    },
    close: () => {
      drop();
      listening.close();
    },
  };
}
