/** Where things are on a node, as with the original where a manager or an administrator looks at them. */
export const paths = {
  cfgloc: '/etc/xcat/cfgloc',
  serverCredential: '/etc/xcat/cert/server-cred.pem',
  authority: '/etc/xcat/cert/ca.pem',
  clientCredential: '/root/.xcat/client-cred.pem',
  clientAuthority: '/root/.xcat/ca.pem',
  pidFile: '/run/xcatd.pid',
  /** The listeners' PIDs, so that a second instance can replace them; the DB worker is not among them. */
  listenersFile: '/run/xcatd-double.listeners',
  program: '/opt/xcat/lib/xcatd-double.mjs',
} as const;

export const ports = { request: 3001, monitor: 3002, log: 3003 } as const;
