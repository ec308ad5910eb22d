import { readClusterSettings } from '../cluster-settings.ts';
import { formatErrors } from '../issues.ts';

/** Settings with nothing wrong in them. */
export const good: string = `version: 1
profile: default
nodes:
  mn1: {address: 10.1.0.221}
  mn2: {address: 10.1.0.222}
  wit1: {address: 10.1.0.223, role: witness}
groups:
  mn:
    vips:
      - {address: 10.1.0.10/24, interface: eth0}
    postgres: {version: 15}
    services:
      - {name: xcatd}
      - {name: dhcpd, unit: isc-dhcp-server.service, after: [xcatd], startTimeout: 500ms}
`;

/** The good text with one thing changed. */
export const but = (from: string, to: string): string => {
  if (!good.includes(from)) throw new Error(`The good settings have no '${from}'.`);
  return good.replace(from, to);
};

/** What the reader says against a text. */
export const errorsOf = (text: string): string => {
  const read = readClusterSettings(text, 'cluster.yaml');
  return read.ok ? 'it was accepted' : read.error.message;
};

/** What the reader doubts in a text that it accepts. */
export const warningsOf = (text: string): string => {
  const read = readClusterSettings(text, 'cluster.yaml');
  return read.ok ? formatErrors('cluster.yaml', read.warnings) : read.error.message;
};
