import { installMakeCommands } from '../doubles/xcat-make/index.ts';
import type { Machines } from './machines.ts';
import { type ClusterOptions, vip4 } from './options.ts';
import { installServices } from './services.ts';

/** A name that named knows, and a text that http and tftp serve. */
export const servedName = 'mn.cluster.lab';
export const servedText = 'served by the management node\n';

const zone = `$TTL 60
@ IN SOA mn.cluster.lab. root.cluster.lab. (1 60 60 60 60)
@ IN NS mn.cluster.lab.
mn IN A ${vip4}
`;

const files: Readonly<Record<string, string>> = {
  '/etc/bind/named.conf.local': 'zone "cluster.lab" { type master; file "/etc/bind/db.cluster.lab"; };\n',
  '/etc/bind/db.cluster.lab': zone,
  // No forwarders, no trust anchors: there is no other network.
  '/etc/bind/named.conf.options':
    'options { directory "/var/cache/bind"; recursion no; dnssec-validation no; listen-on-v6 { any; }; };\n',
  '/etc/apache2/conf-available/lab.conf': 'ServerName mn.cluster.lab\n',
  '/etc/apache2/conf-enabled/lab.conf': 'ServerName mn.cluster.lab\n',
  '/var/www/html/install.txt': servedText,
  '/srv/tftp/boot.txt': servedText,
  // conserver does not start without any console.
  '/etc/conserver/conserver.cf':
    'console cn0 { master localhost; type exec; exec cat; }\naccess * { trusted 127.0.0.1; }\n',
  '/etc/ganesha/ganesha.conf': `NFS_CORE_PARAM { Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; }
NFSv4 { Graceless = true; }
`,
};

/** Everything that \`preset: xcat\` starts, on every data node: the real services, and doubles of xcatd and of its commands. */
export async function installXcatServices(lab: Machines, options: ClusterOptions): Promise<void> {
  await installServices(lab, options);
  await Promise.all(
    options.data.map(async (name) => {
      for (const [path, text] of Object.entries(files)) await lab.writeFile(name, path, text, 0o644);
      await installMakeCommands(lab, name, vip4);
    }),
  );
}
