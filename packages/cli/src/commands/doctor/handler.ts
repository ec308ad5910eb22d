import { type ClusterSettings, groupSettings, type NodeFile, readClusterSettings } from '@hamn/config';
import { type GroupView, presentValue } from '@hamn/core';
import type { App, GlobalOptions } from '../../app.ts';
import { readView } from '../../connect/etcd-source.ts';
import { loadNodeFile } from '../../connect/node-file.ts';
import { type ExitCode, exitCodes } from '../../exit-codes.ts';
import { checkCertificates } from './checks/certificates.ts';
import { checkClock } from './checks/clock.ts';
import { checkCluster } from './checks/cluster.ts';
import { checkEtcd } from './checks/etcd.ts';
import { checkFencing } from './checks/fencing.ts';
import { checkNetwork } from './checks/network.ts';
import { checkPostgres } from './checks/postgres.ts';
import { checkSockets } from './checks/sockets.ts';
import { checkUnits } from './checks/units.ts';
import { broken, type Finding, well } from './finding.ts';
import type { Patient } from './patient.ts';
import { renderFindings } from './render.ts';
import { runCommand } from './run-command.ts';

export interface DoctorOptions extends GlobalOptions {
  readonly all: boolean;
  readonly json: boolean;
}

type Check = (patient: Patient) => Promise<readonly Finding[]>;

/** In the order of the report: each stands on those above it. */
const checks: readonly Check[] = [
  checkCertificates,
  checkEtcd,
  checkCluster,
  checkSockets,
  checkFencing,
  checkNetwork,
  checkUnits,
  checkPostgres,
  checkClock,
];

export async function doctor(options: DoctorOptions, app: App): Promise<ExitCode> {
  const findings = await examine(options, app);
  const { io } = app;
  io.out(
    options.json
      ? `${JSON.stringify({ schema: 1, findings }, undefined, 2)}\n`
      : `${renderFindings(findings, { all: options.all, width: io.columns, color: io.color })}\n`,
  );
  return findings.every((finding) => finding.level === 'ok') ? exitCodes.ok : exitCodes.problems;
}

async function examine(options: DoctorOptions, app: App): Promise<readonly Finding[]> {
  const file = await loadNodeFile(options.config);
  if (!file.ok)
    return [
      broken(
        file.error.message,
        'Without it nothing of this node is known.',
        `Correct ${options.config}; an example is in /usr/share/doc/hamn/examples.`,
      ),
    ];
  const view = await readGroupView(file.value, options.group, app);
  const cluster = settingsOf(view);
  const patient: Patient = {
    file: file.value,
    configPath: options.config,
    socket: options.socket ?? file.value.socket,
    group: options.group,
    view,
    cluster,
    settings: cluster && groupSettings(cluster, file.value.cluster, options.group),
    version: app.version,
    wallMs: app.io.wallMs(),
    run: runCommand,
  };
  const found = await Promise.all(checks.map((check) => check(patient)));
  return [
    well(`${options.config} can be read: this is ${file.value.node} of ${file.value.cluster}.`),
    ...found.flat(),
  ];
}

async function readGroupView(file: NodeFile, group: string, app: App): Promise<GroupView | undefined> {
  const store = await app.openStore(file, group);
  if (!store.ok) return undefined;
  try {
    const view = await readView(store.value);
    return view.ok ? view.value : undefined;
  } finally {
    await store.value.close();
  }
}

function settingsOf(view: GroupView | undefined): ClusterSettings | undefined {
  const text = view === undefined ? undefined : presentValue(view.config);
  const read = text === undefined ? undefined : readClusterSettings(text, 'config in etcd');
  return read?.ok === true ? read.value : undefined;
}
