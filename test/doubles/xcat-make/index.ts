import type { Machines } from '../../cluster/machines.ts';

/** Where each of the commands writes what it was called with. */
export const makeLog = '/var/log/xcat-make-double.log';

const script = (name: string, body: string): string =>
  `#!/bin/sh\necho "${name} $* on $(hostname)" >>${makeLog}\n${body}`;

/** As long as the originals take, as measured. */
const commands = (vip: string): Readonly<Record<string, string>> => ({
  // The original does not end while named does not answer.
  makedns: `/usr/sbin/rndc reload >/dev/null
until host -W 1 mn.cluster.lab ${vip} >/dev/null; do sleep 0.2; done
echo "Completed updating DNS records, DNS daemon restarted"
`,
  // -n writes the configuration anew and starts dhcpd once more; -a tells a dhcpd that runs of the nodes.
  makedhcp: `case "$1" in
  -n) sleep 4; systemctl restart isc-dhcp-server ;;
  -a) ss -Hlun 'sport = :67' | grep -q . || { echo "Error: dhcpd does not run" >&2; exit 1; }; sleep 1.4 ;;
esac
`,
  // conserver ends where its file has no console.
  makeconservercf: `printf 'default cyclades { type host; port 23; }\\nconsole cn1 { master localhost; type exec; exec cat; }\\naccess * { trusted 127.0.0.1; }\\n' >/etc/conserver/conserver.cf
systemctl restart conserver-server
`,
  makegocons: 'exit 1\n',
});

/** Doubles of xCAT's commands that make the configuration of other services from its tables: they touch the real services, and no table. */
export async function installMakeCommands(lab: Machines, name: string, vip: string): Promise<void> {
  await lab.mustExec(name, ['mkdir', '-p', '/opt/xcat/sbin']);
  for (const [command, body] of Object.entries(commands(vip)))
    await lab.writeFile(name, `/opt/xcat/sbin/${command}`, script(command, body), 0o755);
}
