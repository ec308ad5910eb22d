import type { App, GlobalOptions } from '../../app.ts';
import { loadNodeFile } from '../../connect/node-file.ts';
import type { ExitCode } from '../../exit-codes.ts';
import { checkCertificates } from './checks/certificates.ts';
import { checkClock } from './checks/clock.ts';
import { checkCluster } from './checks/cluster.ts';
import { checkEtcd } from './checks/etcd.ts';
import { checkFencing } from './checks/fencing.ts';
import { checkMarkers } from './checks/markers.ts';
import { checkNetwork } from './checks/network.ts';
import { checkPostgres } from './checks/postgres.ts';
import { checkSockets } from './checks/sockets.ts';
import { checkUnits } from './checks/units.ts';
import { type Finding, well } from './finding.ts';
import { readGroup } from './group.ts';
import type { Patient } from './patient.ts';
import { noNodeFile, report } from './report.ts';
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
  checkMarkers,
  checkPostgres,
  checkClock,
];

export async function doctor(options: DoctorOptions, app: App): Promise<ExitCode> {
  return report(await examine(options, app), options, app.io);
}

async function examine(options: DoctorOptions, app: App): Promise<readonly Finding[]> {
  const file = await loadNodeFile(options.config);
  if (!file.ok) return [noNodeFile(options.config, file.error.message)];
  const patient: Patient = {
    file: file.value,
    configPath: options.config,
    socket: options.socket ?? file.value.socket,
    group: options.group,
    ...(await readGroup(file.value, options.group, app)),
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
