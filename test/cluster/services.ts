import { installXcatdDouble, makeXcatCredentials } from '../doubles/xcatd/index.ts';
import type { Machines } from './machines.ts';
import { type ClusterOptions, passwords, vip4 } from './options.ts';

const dhcpd = `authoritative;
subnet 10.99.0.0 netmask 255.255.255.0 {
  range 10.99.0.150 10.99.0.199;
  next-server ${vip4};
}
`;

/** The real dhcpd with a range of the lab's segment, and the xcatd double, on every data node. */
export async function installServices(lab: Machines, options: ClusterOptions): Promise<void> {
  const credentials = makeXcatCredentials();
  await Promise.all(
    options.data.map(async (name) => {
      await lab.writeFile(name, '/etc/dhcp/dhcpd.conf', dhcpd, 0o644);
      await lab.writeFile(
        name,
        '/etc/default/isc-dhcp-server',
        'INTERFACESv4="eth0"\nINTERFACESv6=""\n',
        0o644,
      );
      await lab.mustExec(name, ['sh', '-c', 'touch /var/lib/dhcp/dhcpd.leases']);
      await installXcatdDouble(lab, name, credentials, { vip: vip4, password: passwords.xcatadm });
    }),
  );
}
