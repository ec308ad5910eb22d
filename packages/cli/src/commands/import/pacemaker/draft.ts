import type { XmlElement } from '@hamn/xml';
import { placeOf } from './cib.ts';

/** What becomes of a CIB. The texts are full sentences. */
export interface Draft {
  /** By their ids in the CIB, in its order. */
  readonly resources: Map<string, DraftResource>;
  /** The resources that an id of the CIB stands for, in their order: a primitive is itself, a group or a clone is what is in it. */
  readonly members: Map<string, readonly string[]>;
  readonly fencing: {
    readonly devices: Record<string, unknown>;
    readonly nodes: Record<string, readonly unknown[]>;
  };
  /** What has no place in hamn's settings, and why. */
  readonly notCarried: Remark[];
  /** Carried over, and to be looked at by a person. */
  readonly toCheck: Remark[];
}

export interface Remark {
  /** The CIB's element, such as `<primitive id="vip">`. */
  readonly place: string;
  readonly because: string;
}

export type DraftKind = 'vip' | 'postgres' | 'unit' | 'mount' | 'drbd' | 'link' | 'ocf';

export interface DraftResource {
  readonly kind: DraftKind;
  readonly place: string;
  /** As they are written in the settings. */
  readonly settings: Record<string, unknown>;
  readonly runsOnAll: boolean;
  /** Ids. */
  readonly after: Set<string>;
}

/** What primitives are read by beside themselves. */
export interface Given {
  /** Of addresses whose `nic` is not in the CIB. */
  readonly interface: string | undefined;
  /** `rsc_defaults`. */
  readonly defaults: ReadonlyMap<string, string>;
}

/** In what a primitive stands. */
export interface Wrapping {
  readonly isCloned: boolean;
  readonly isPromotable: boolean;
}

export const newDraft = (): Draft => ({
  resources: new Map(),
  members: new Map(),
  fencing: { devices: {}, nodes: {} },
  notCarried: [],
  toCheck: [],
});

export const leaveOut = (draft: Draft, element: XmlElement, because: string): void => {
  draft.notCarried.push({ place: placeOf(element), because });
};

export const lookAt = (draft: Draft, element: XmlElement, because: string): void => {
  draft.toCheck.push({ place: placeOf(element), because });
};
