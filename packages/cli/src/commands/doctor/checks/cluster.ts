import { nodeMismatches, readClusterSettings } from '@hamn/config';
import { presentValue } from '@hamn/core';
import { broken, doubtful, type Finding, well } from '../finding.ts';
import type { Patient } from '../patient.ts';

/** The settings in etcd against this node, and the nodes' versions against each other. */
export async function checkCluster(patient: Patient): Promise<readonly Finding[]> {
  const { view, cluster, settings, file, group } = patient;
  if (view === undefined) return [];
  const text = presentValue(view.config);
  if (text === undefined || view.leader.kind === 'absent')
    return [
      doubtful(
        `The group ${group} of cluster ${file.cluster} has not been set up in etcd.`,
        'hamnd waits until it is.',
        'hamnctl init --file cluster.yaml, on the data node whose database is the one to keep.',
      ),
    ];
  if (cluster === undefined) {
    const read = readClusterSettings(text, 'config in etcd');
    const message = read.ok ? '' : `\n${read.error.message}`;
    return [
      broken(
        `The settings in etcd cannot be read.${message}`,
        'Nodes go on with the last ones that they could read.',
        'hamnctl config apply FILE with correct ones.',
      ),
    ];
  }
  const mismatches = nodeMismatches(file, cluster).map((what) =>
    broken(
      what,
      'This node would do something else than the others expect.',
      `Edit ${patient.configPath}, then systemctl restart hamnd.`,
    ),
  );
  const group_ =
    settings === undefined
      ? [
          broken(
            `The settings have no group ${group}.`,
            'hamnd has nothing to do.',
            'Choose another with --group.',
          ),
        ]
      : [
          well(
            `The settings in etcd can be read (revision ${view.config.kind === 'present' ? view.config.mod : 0}).`,
          ),
        ];
  return [...group_, ...mismatches, ...versions(patient)];
}

function versions({ view, version, file }: Patient): readonly Finding[] {
  const others = [...(view?.members ?? [])].flatMap(([name, entry]) => {
    const member = presentValue(entry);
    return member === undefined || member.version === version ? [] : [`${name} ${member.version}`];
  });
  if (others.length === 0) return [];
  return [
    doubtful(
      `hamnctl here is ${version}, but hamnd is: ${others.join(', ')}.`,
      'Mixed versions are for the hour of an upgrade only.',
      `Install the same package everywhere${others.some((text) => text.startsWith(`${file.node} `)) ? '; here: systemctl restart hamnd' : ''}.`,
    ),
  ];
}
