import type { ConfirmOffBody, FenceBody, FenceLookBody, FencingDocument, OutletStatus } from '@hamn/api';
import { didYouMean } from '@hamn/config';
import {
  type FenceDeviceView,
  type FencedNode,
  type FencingSettings,
  fail,
  fenceLimitMs,
  nodeId,
  ok,
  outletName,
  type Result,
} from '@hamn/core';
import type { Engine, FenceFailure, FencingPort, JournalPort, WriteFailure } from '@hamn/engine';

/** `unreachable`: nothing was done. */
export type FenceControlFailure = FenceFailure | WriteFailure | 'unreachable';

/** Agents are asked one after the other for each device, and hamnctl waits. */
const lookLimitMs = 120_000;

/** What an admin may do with other nodes' power from here. */
export class FencingControl {
  readonly #engine: () => Engine | undefined;
  readonly #port: () => FencingPort | undefined;
  readonly #journal: JournalPort;
  readonly #me: string;

  constructor(
    me: string,
    engine: () => Engine | undefined,
    port: () => FencingPort | undefined,
    journal: JournalPort,
  ) {
    this.#me = me;
    this.#engine = engine;
    this.#port = port;
    this.#journal = journal;
  }

  async look({ node }: FenceLookBody): Promise<Result<FencingDocument, FenceControlFailure>> {
    const port = this.#port();
    const settings = this.#settings();
    if (!settings.ok) return settings;
    if (port === undefined) return notYet;
    const known = node === undefined ? ok(settings.value.nodes) : targetOf(settings.value, node);
    if (!known.ok) return known;
    const fencing: FencingSettings = { ...settings.value, nodes: known.value };
    const views = await port.status(fencing, lookLimitMs);
    return ok({
      schema: 1,
      node: this.#me,
      mode: fencing.mode,
      nodes: fencing.nodes.map((target) => ({
        node: target.node,
        action: target.action,
        limitMs: fenceLimitMs(fencing, target.node),
        outlets: outletsOf(fencing, target, views),
      })),
    });
  }

  async fence({ node, action, by }: FenceBody): Promise<Result<string, FenceControlFailure>> {
    const engine = this.#engine();
    const settings = this.#settings();
    if (!settings.ok) return settings;
    if (engine === undefined) return notYet;
    const target = targetOf(settings.value, node);
    if (!target.ok) return target;
    const does = action ?? target.value[0]?.action ?? 'off';
    this.#journal.write({
      event: 'fence.asked',
      level: 'info',
      message: `${by} asked for ${node} to be switched off${does === 'reboot' ? ' and on again' : ''}.`,
    });
    return engine.fencing.off(nodeId(node), does, by);
  }

  async confirmOff({ node, by }: ConfirmOffBody): Promise<Result<string, FenceControlFailure>> {
    return this.#engine()?.fencing.confirmOff(nodeId(node), by) ?? notYet;
  }

  #settings(): Result<FencingSettings, 'unreachable' | 'not-configured'> {
    const engine = this.#engine();
    if (engine === undefined) return notYet;
    const { fencing } = engine.settings;
    if (fencing !== undefined) return ok(fencing);
    return fail(
      'not-configured',
      'The settings have no section `fencing`, so no node can be switched off from here; see docs/quickstart.md.',
    );
  }
}

const notYet = fail(
  'unreachable',
  'This node has not read its settings yet; try again, or ask another node.',
);

function targetOf(fencing: FencingSettings, node: string): Result<readonly FencedNode[], 'not-configured'> {
  const found = fencing.nodes.filter((each) => each.node === node);
  if (found.length > 0) return ok(found);
  const names = fencing.nodes.map((each) => each.node);
  const listed = names.length === 0 ? 'No node is listed there.' : `Listed are ${names.join(', ')}.`;
  return fail(
    'not-configured',
    `\`fencing.nodes\` in the settings has no devices for '${node}'.${didYouMean(node, names)} ${listed}`,
  );
}

function outletsOf(
  fencing: FencingSettings,
  target: FencedNode,
  views: readonly FenceDeviceView[],
): readonly OutletStatus[] {
  return target.levels.flatMap((level, index) =>
    level.map((step) => {
      const outlet = outletName(step);
      const view = views.find((each) => each.node === target.node && each.device === outlet);
      return {
        level: index + 1,
        outlet,
        agent: fencing.devices.find(({ name }) => name === step.device)?.agent ?? '',
        power: view?.power ?? 'unknown',
        ...(view?.reason === undefined ? {} : { reason: view.reason }),
      };
    }),
  );
}
