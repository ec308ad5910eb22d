import { mostWatchdogMs } from '@hamn/core';
import { watchdogLeastMs } from '../kernel/watchdog.ts';
import type { Machine } from '../machine/machine.ts';
import { showPosition } from '../postgres/wal.ts';
import { simVip } from '../run/settings.ts';
import type { World } from '../run/world.ts';
import { boundMs, excused, isCovered } from './term-clock.ts';
import type { Report } from './violation.ts';

const sampleMs = 20;
const leftoverMs = 3000;
/** One look that says that nothing runs is believed until the next one: the interval of the resources here, and the look itself. */
const believedMs = 3500;
/** Stops follow each other so often: dhcpd, xcatd, and the share under them. */
const longestChain = 3;
/** A share that could not be unmounted is tried again after its window. */
const stuckMs = 45_000;

/** I1 and I4: who acknowledges, who is writable, who has the VIP, what is left over. */
export class HolderChecks {
  readonly #world: World;
  readonly #report: Report;
  /** Until somebody holds the first term, the database of the new group runs as the admin left it. */
  #began = false;
  #branch: number | undefined;
  readonly #superseded = new Set<number>();
  readonly #leftSince = new Map<string, number>();
  /** When a machine's systemd was slow last, and how much. */
  readonly #slow = new Map<string, { readonly at: number; readonly ms: number }>();

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
    world.signals.on((signal) => {
      if (signal.kind === 'armed') this.#began = true;
      if (signal.kind === 'harmless') this.#saidHarmless(signal.machine);
      if (signal.kind === 'acknowledged') this.#acknowledged(signal.machine);
    });
    this.#sample();
  }

  #acknowledged(machine: Machine): void {
    // What is acknowledged in the moment after a thaw must not be lost all the same, where that is promised: see DataChecks.
    if (!this.#began || excused(machine, this.#world.now)) return;
    this.#covered(machine, 'acknowledges');
    const { branch } = machine.server.parts.disk.position;
    if (this.#superseded.has(branch.id)) {
      const at = showPosition(machine.server.parts.disk.position);
      this.#report(
        'two-acknowledge',
        `${machine.name} acknowledges at ${at} after a later primary has acknowledged.`,
      );
    }
    if (this.#branch === branch.id) return;
    if (this.#branch !== undefined) this.#superseded.add(this.#branch);
    this.#branch = branch.id;
  }

  /** What the guard calls harmless is: no server, no VIP, no service, no disk of one node alone. */
  #saidHarmless(machine: Machine): void {
    const left = [
      ...(machine.server.process === undefined ? [] : ['its database']),
      ...machine.vips.all,
      ...machine.units.running,
      ...machine.units.exclusivelyMounted,
    ];
    if (left.length > 0)
      this.#report('said-harmless', `${machine.name} is called harmless and has ${left.join(', ')}.`);
  }

  #covered(machine: Machine, what: string): void {
    if (isCovered(machine) || this.#isWatchedLate(machine)) return;
    const { record, state } = machine.guard.view;
    const over =
      record === undefined
        ? 'with no term in this boot'
        : `${Math.round(machine.parts.clock.now() - record.deadline)} ms after its deadline (the bound is ${boundMs})`;
    this.#report('outside-term', `${machine.name} ${what} ${over}; its guard is ${state}.`);
  }

  /** Of a watchdog that is too slow for the term nothing is promised while hamnd and the guard are both stopped: it is the last resort. */
  #isWatchedLate(machine: Machine): boolean {
    const { record } = machine.guard.view;
    const isLate = record !== undefined && watchdogLeastMs > mostWatchdogMs(record.termMs);
    const areStopped = machine.guard.process?.running !== true && machine.hamnd?.running !== true;
    return this.#world.scenario.hasWatchdog && isLate && areStopped;
  }

  #sample(): void {
    const { scheduler, now } = this.#world;
    if (this.#began) {
      const holders: string[] = [];
      for (const machine of this.#world.dataMachines) {
        if (!machine.runs || excused(machine, now)) continue;
        if (machine.server.isWritable && machine.server.runs) this.#covered(machine, 'is writable');
        // A hamnd that was stopped exactly between its look at the term and the act does it when it goes on, and takes it back at once.
        if (machine.vips.has(simVip.address) && now - machine.actedLateAt >= boundMs) {
          holders.push(machine.name);
          this.#covered(machine, 'has the VIP');
        }
        this.#leftovers(machine);
      }
      if (holders.length > 1) this.#report('two-vips', `${holders.join(' and ')} have the VIP at one time.`);
    }
    scheduler.in(sampleMs, () => this.#sample());
  }

  #leftovers(machine: Machine): void {
    const { units } = machine;
    const { now } = this.#world;
    const { slowMs } = units.troubles;
    if (slowMs > 0) this.#slow.set(machine.name, { at: now, ms: slowMs });
    // Storage goes after what may lie on it: a server that the guard cannot kill holds it.
    const isHarmless = machine.guard.view.state === 'harmless';
    const isCleaner = isHarmless && !isCovered(machine) && machine.hamnd?.running === true;
    const isStuck = now - units.stuckAt < stuckMs;
    const running = isCleaner ? [...units.running, ...(isStuck ? [] : units.mounted)] : [];
    if (running.length === 0) return void this.#leftSince.delete(machine.name);
    const since = this.#leftSince.get(machine.name) ?? now;
    this.#leftSince.set(machine.name, since);
    const lieMs = units.liedAt + believedMs < since ? 0 : believedMs;
    if (now - since > leftoverMs + lieMs + longestChain * this.#slowStopMs(machine, since))
      this.#report(
        'leftovers',
        `${machine.name} has run ${running.join(', ')} for ${leftoverMs} ms without a term.`,
      );
  }
  /** How much longer a stop after `since` may take: one that a slow systemd began is slow to its end, also when the trouble is over by then. */
  #slowStopMs(machine: Machine, since: number): number {
    const slow = this.#slow.get(machine.name);
    return slow !== undefined && since <= slow.at + slow.ms ? slow.ms : 0;
  }
}
