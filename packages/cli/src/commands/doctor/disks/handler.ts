import { networkInterfaces } from 'node:os';
import type { NodeFile } from '@hamn/config';
import type { GroupSettings } from '@hamn/core';
import { type Chassis, cardsText, readChassis } from '@hamn/linux';
import type { App, GlobalOptions } from '../../../app.ts';
import { loadNodeFile } from '../../../connect/node-file.ts';
import type { ExitCode } from '../../../exit-codes.ts';
import { doubtful, type Finding, well } from '../finding.ts';
import { readGroup } from '../group.ts';
import { noNodeFile, report } from '../report.ts';
import { runCommand } from '../run-command.ts';
import { judgeNetworkFiles } from './network/check-network-files.ts';
import { readInterfaceFiles } from './network/read-all.ts';
import { type DiskPatient, diskPatient } from './patient.ts';
import { checkMdraid } from './raid/check-mdraid.ts';
import { checkControllers } from './raid/controllers.ts';
import { checkSmart } from './raid/smart.ts';

export interface DoctorDisksOptions extends GlobalOptions {
  readonly all: boolean;
  readonly json: boolean;
}

/** Before the disks of this node are carried into another chassis, and after. */
export async function doctorDisks(options: DoctorDisksOptions, app: App): Promise<ExitCode> {
  const file = await loadNodeFile(options.config);
  if (!file.ok) return report([noNodeFile(options.config, file.error.message)], options, app.io);
  const { settings } = await readGroup(file.value, options.group, app);
  const findings = await examineDisks({
    patient: diskPatient('/', runCommand),
    chassis: readChassis(),
    file: file.value,
    settings,
    own: ownInterface(file.value.address),
  });
  return report(findings, options, app.io);
}

const ownInterface = (address: string): string | undefined =>
  Object.entries(networkInterfaces()).find(([, all]) => all?.some((each) => each.address === address))?.[0];

export interface DisksQuestion {
  readonly patient: DiskPatient;
  readonly chassis: Chassis;
  readonly file: Pick<NodeFile, 'address' | 'role'>;
  /** Undefined where etcd did not say them. */
  readonly settings: Pick<GroupSettings, 'vips'> | undefined;
  /** The interface that has the node's address now. */
  readonly own: string | undefined;
}

export async function examineDisks(question: DisksQuestion): Promise<readonly Finding[]> {
  const { patient, chassis, file, settings, own } = question;
  const [software, controllers, smart, files] = await Promise.all([
    checkMdraid(patient),
    checkControllers(patient),
    checkSmart(patient),
    readInterfaceFiles(patient),
  ]);
  const vips = file.role === 'witness' ? [] : (settings?.vips ?? []);
  const holder = own ?? files.all.find(({ addresses }) => addresses.includes(file.address))?.name;
  const inUse = new Map<string, string>(vips.map((vip) => [vip.interface, `the VIP ${vip.address}`]));
  if (holder !== undefined) inUse.set(holder, `this node’s address ${file.address}`);
  return [
    well(
      `This chassis: ${chassis.product ?? 'model unknown'}, serial number ${chassis.serial ?? 'unknown'}; cards ${cardsText(chassis)}.`,
    ),
    ...(software ?? []),
    ...(controllers ?? []),
    ...(software === undefined && controllers === undefined ? [noMirror] : []),
    ...smart,
    ...(settings === undefined && file.role !== 'witness' ? [noSettings] : []),
    ...judgeNetworkFiles({ files, chassis, inUse, vips: vips.map(({ address }) => address) }),
  ];
}

const noMirror = doubtful(
  'Neither a software RAID nor a RAID controller is seen here.',
  'Whether the disks are mirrored and whole is not known.',
  'Look where the mirror is: at the storage array, if this is a LUN.',
);

const noSettings = doubtful(
  'The settings could not be read from etcd.',
  'Which interfaces carry VIPs, and whether a VIP stands in a file, is not known.',
  'hamnctl doctor',
);
