import type { Result } from '@hamn/core';
import type { ClockPort } from '@hamn/engine';
import type { AgentMetadata } from './metadata/metadata.ts';
import type { ProgramEnd, ProgramFailure, ProgramRun } from './run/run-program.ts';

/** An agent that is installed on this node, as it described itself. */
export interface Agent {
  /** `ocf:<provider>:<type>`. */
  readonly name: string;
  readonly provider: string;
  readonly type: string;
  /** The agent's file. */
  readonly path: string;
  readonly metadata: AgentMetadata;
}

/** What an agent is to run: pacemaker's "primitive". */
export interface AgentResource {
  /** The instance: agents put it into names of files, so letters, digits, `_`, `.`, `:` and `-` only. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Meta attributes, such as `promotable: "true"` or `clone-max: "2"`: agents read them as OCF_RESKEY_CRM_meta_clone_max. */
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

/** Where and how agents run on this node. */
export interface AgentHost {
  readonly clock: ClockPort;
  /** OCF_ROOT. Default: /usr/lib/ocf. */
  readonly root?: string | undefined;
  /** HA_RSCTMP, where agents keep what must not survive a reboot; made when it is missing. Default: /run/resource-agents. */
  readonly temporary?: string | undefined;
  /** This node's name, as agents find it in OCF_RESKEY_CRM_meta_on_node. */
  readonly node?: string | undefined;
  /**
   * The beginning of the command line, for a program that ends by executing the rest in its own place, as `ip netns exec` or `systemd-run --scope`
   * do. Default: none. Daemons that an agent starts stay in the control group of whoever runs it, unless this moves them.
   */
  readonly launcher?: readonly string[] | undefined;
  /** Between SIGTERM and SIGKILL at the limit. Default: 2000. */
  readonly graceMs?: number | undefined;
  /** Runs an action elsewhere than below this process, as in a unit of systemd's. Default: as a child. `meta-data` is asked by a child always. */
  readonly run?: ((run: ProgramRun) => Promise<Result<ProgramEnd, ProgramFailure>>) | undefined;
}

export const usualRoot = '/usr/lib/ocf';
/** Debian's HA_RSCTMP, and its mode in /usr/lib/tmpfiles.d/resource-agents.conf. */
export const usualTemporary = '/run/resource-agents';
