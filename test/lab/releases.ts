import { LabError } from './lab-error.ts';

/** A release of Debian that a base can be made of, and the major version of PostgreSQL that it brings. */
export interface Release {
  readonly name: ReleaseName;
  readonly postgres: number;
  /** The package that brings fence_ipmilan. */
  readonly fencing: string;
}

export type ReleaseName = 'bookworm' | 'trixie';

const RELEASES: readonly Release[] = [
  { name: 'bookworm', postgres: 15, fencing: 'fence-agents' },
  // The whole of fence-agents pulls in the programming kits of several clouds, which takes longer than all else.
  { name: 'trixie', postgres: 17, fencing: 'fence-agents-ipmilan' },
];

export const RELEASE_NAMES: readonly ReleaseName[] = RELEASES.map((each) => each.name);

/** @throws LabError `unknown-release` */
export function releaseOf(name: string): Release {
  const found = RELEASES.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new LabError(
    'unknown-release',
    `The lab makes no machines of Debian's release '${name}'. It knows ${RELEASE_NAMES.join(', ')}.`,
  );
}

/** What HAMN_LAB_RELEASE says; bookworm where it says nothing. @throws LabError `unknown-release` */
export const defaultRelease = (): Release => releaseOf(process.env['HAMN_LAB_RELEASE'] || 'bookworm');
