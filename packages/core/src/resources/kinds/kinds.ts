import { unreachable } from '../../result.ts';
import { type DrbdResource, drbdTraits } from './drbd.ts';
import { type ExecResource, execTraits } from './exec.ts';
import { type JobResource, jobTraits } from './job.ts';
import { type LinkResource, linkTraits } from './link.ts';
import { type MarkerResource, markerTraits } from './marker.ts';
import { type MountResource, mountTraits } from './mount.ts';
import { type OcfResource, ocfTraits } from './ocf.ts';
import { type PostgresResource, postgresTraits } from './postgres.ts';
import { type SyncResource, syncTraits } from './sync.ts';
import { type TemplateResource, templateTraits } from './template.ts';
import type { ResourceTraits } from './traits.ts';
import { type UnitResource, unitTraits } from './unit.ts';
import { type VipResource, vipTraits } from './vip.ts';

/** What a resource is, with the settings of its kind. */
export type ResourceKind =
  | DrbdResource
  | ExecResource
  | JobResource
  | LinkResource
  | MarkerResource
  | MountResource
  | OcfResource
  | PostgresResource
  | SyncResource
  | TemplateResource
  | UnitResource
  | VipResource;

export type ResourceKindName = ResourceKind['kind'];

export const resourceKindNames: readonly ResourceKindName[] = [
  'vip',
  'postgres',
  'unit',
  'mount',
  'drbd',
  'link',
  'marker',
  'template',
  'sync',
  'job',
  'exec',
  'ocf',
];

export function traitsOf(kind: ResourceKind): ResourceTraits {
  switch (kind.kind) {
    case 'drbd':
      return drbdTraits(kind);
    case 'exec':
      return execTraits(kind);
    case 'job':
      return jobTraits(kind);
    case 'link':
      return linkTraits(kind);
    case 'marker':
      return markerTraits(kind);
    case 'mount':
      return mountTraits(kind);
    case 'ocf':
      return ocfTraits(kind);
    case 'postgres':
      return postgresTraits(kind);
    case 'sync':
      return syncTraits(kind);
    case 'template':
      return templateTraits(kind);
    case 'unit':
      return unitTraits(kind);
    case 'vip':
      return vipTraits(kind);
    default:
      return unreachable(kind);
  }
}
