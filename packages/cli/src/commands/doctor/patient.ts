import type { ClusterSettings, NodeFile } from '@hamn/config';
import type { GroupSettings, GroupView } from '@hamn/core';
import type { RunCommand } from './run-command.ts';

/** What the checks look at: gathered once, before them. */
export interface Patient {
  readonly file: NodeFile;
  readonly configPath: string;
  readonly socket: string;
  readonly group: string;
  /** Undefined where etcd or its settings could not be read. */
  readonly view: GroupView | undefined;
  readonly cluster: ClusterSettings | undefined;
  readonly settings: GroupSettings | undefined;
  readonly version: string;
  readonly wallMs: number;
  readonly run: RunCommand;
}
