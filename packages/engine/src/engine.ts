import {
  decide,
  emptyMemory,
  formatLsn,
  type GroupSettings,
  type GuardRecord,
  type Intention,
  type Memory,
  type NodeId,
  nonce,
  type Observation,
  presentValue,
  readValue,
} from '@hamn/core';
import { AdminFencing } from './admin/fencing.ts';
import type { EngineOptions, EngineSnapshot } from './engine-types.ts';
import { actionFor } from './loop/actions.ts';
import { Executor } from './loop/executor.ts';
import { nextTickMs } from './loop/next-tick.ts';
import { Observer } from './loop/observe.ts';
import { type ResourceActIntention, ResourceRunner } from './loop/resource-runner.ts';
import type { Ports } from './ports/all.ts';
import type { Cancel } from './ports/clock.ts';
import type { ResourceOutput } from './ports/resources.ts';
import { DecisionLog } from './publish/decision-log.ts';
import { LossBound } from './publish/loss-bound.ts';
import { describeMember } from './publish/member.ts';
import { Publisher } from './publish/publisher.ts';
import { RoleLease } from './publish/role-lease.ts';
import { kindOfTake, TakeoverRecorder } from './publish/takeover.ts';
import { type TermHere, termHere } from './service-nodes/deps.ts';
import { PlanKeeper, planOf } from './term/guard-plan.ts';
import { Membership } from './term/membership.ts';
import { TermDriver } from './term/term-driver.ts';

/**
 * One group on one node: observe every port under a limit, decide, carry out. The term's renewals go on beside the loop and never wait
 * for it. Events nudge the loop at once; a slow tick is the fallback.
 */
export class Engine {
  readonly #me: NodeId;
  readonly #options: EngineOptions;
  readonly #ports: Ports;
  readonly #driver: TermDriver;
  readonly #executor: Executor;
  readonly #resources: ResourceRunner;
  readonly #observer: Observer;
  readonly #publisher: Publisher;
  readonly #recorder: TakeoverRecorder;
  readonly #decisions: DecisionLog;
  readonly #loss = new LossBound();
  readonly #lease: RoleLease;
  readonly #plan: PlanKeeper;
  readonly #membership: Membership;
  /** What an admin may do to another node from here. */
  readonly fencing: AdminFencing;
  /** For work beside the loop. */
  readonly term: TermHere;
  #settings: GroupSettings;
  #memory: Memory = emptyMemory;
  #snapshot: EngineSnapshot | undefined;
  #cancel: Cancel | undefined;
  #running = false;
  #again = false;
  #stopped = false;

  constructor(options: EngineOptions, ports: Ports) {
    this.#me = options.me;
    this.#options = options;
    this.#settings = options.settings;
    this.#ports = ports;
    this.#executor = new Executor(ports, () => this.nudge());
    this.#resources = new ResourceRunner(ports, () => this.nudge());
    this.#observer = new Observer(ports);
    this.#publisher = new Publisher(options.me, ports);
    this.#recorder = new TakeoverRecorder(options.me, ports);
    this.#decisions = new DecisionLog(ports);
    this.#lease = new RoleLease(options.me, ports);
    this.#plan = new PlanKeeper(ports, () => this.nudge());
    this.#membership = new Membership(options.me, ports);
    this.#driver = new TermDriver(
      {
        me: options.me,
        settings: options.settings,
        plan: () => planOf(this.#settings),
        onChange: () => this.nudge(),
        onGroup: (view) => this.#loss.look(view),
        whyNotItself: (view) => this.#membership.whyNot(this.#settings, view, this.#memory.twin),
        onGuardAct: (act) => this.#observer.teller.knows(act),
      },
      ports,
    );
    this.term = termHere(this.#driver);
    this.fencing = new AdminFencing(() => ({ driver: this.#driver, ports, settings: this.#settings }));
  }

  /** `resume`: the guard's record of this boot, when its deadline has not passed; the term is then renewed before anything else. */
  start(resume: GuardRecord | undefined): void {
    const nudge = (): void => this.nudge();
    this.#ports.peers.serve({
      promise: (from, ask) => this.#driver.promise(from, ask),
      member: () => {
        // The asker polls; the next answer is fresh.
        this.nudge();
        return this.#snapshot?.member;
      },
    });
    this.#driver.start(resume);
    this.#ports.guard.watch(nudge);
    this.#ports.vip.watch(nudge);
    this.#ports.units.watch(nudge);
    this.#ports.postgres?.watch(nudge);
    this.nudge();
  }

  /** Ends the loop. The node stays as it is: the guard and a following process go on with the term. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#driver.stop();
  }

  get snapshot(): EngineSnapshot | undefined {
    return this.#snapshot;
  }

  get settings(): GroupSettings {
    return this.#settings;
  }

  /** Validated settings, applied from the next tick on; a running term keeps its own T. */
  setSettings(settings: GroupSettings): void {
    this.#settings = settings;
    this.#driver.setSettings(settings);
    this.nudge();
  }

  /** Whether this node holds the term at this instant. */
  isHolder(): boolean {
    const hold = this.#driver.view().hold;
    return hold !== undefined && this.#driver.mayAct(hold.token);
  }

  /** What is left of the term that this node holds; undefined when it holds none. */
  remainingMs(): number | undefined {
    const hold = this.#driver.view().hold;
    return hold === undefined ? undefined : hold.deadline - this.#ports.clock.now();
  }

  /** From now on this node takes no term, and hands over the one that it holds. Returns at once; see `isHolder`. */
  leave(reason: string): void {
    this.#memory = { ...this.#memory, leaving: reason };
    this.nudge();
  }

  /** What the newest program of a resource said here. */
  output(resource: string): ResourceOutput | undefined {
    return this.#ports.resources?.output(resource);
  }

  nudge(): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#cancel?.();
    this.#running = true;
    this.#tick().then(
      () => this.#ended(),
      (error: unknown) => {
        // A throw here is a broken invariant: the process must die, and the guard acts.
        this.#stopped = true;
        this.#ports.clock.after(0, () => {
          throw error;
        });
      },
    );
  }

  #ended(): void {
    this.#running = false;
    if (this.#stopped) return;
    if (this.#again) {
      this.#again = false;
      this.nudge();
      return;
    }
    const pauseMs = nextTickMs(
      this.#driver.view(),
      this.#memory,
      this.#settings.timings,
      this.#ports.clock.now(),
    );
    this.#cancel = this.#ports.clock.after(pauseMs, () => this.nudge());
  }

  async #tick(): Promise<void> {
    const seen = await this.#observe();
    if (this.#stopped) return;
    const decision = decide(seen, this.#memory);
    this.#memory = decision.memory;
    this.#decisions.take(decision.trace);
    this.#recorder.look(seen, decision.resources);
    this.#plan.offer(this.#settings, readValue(seen.ports.guard));
    for (const intention of decision.intentions) this.#carryOut(intention, seen);
    const more = this.#options.moreProblems?.() ?? [];
    const { trace, resources } = decision;
    const member = describeMember(seen, this.#memory, trace, this.#options.identity, more, resources);
    this.#snapshot = { seen, decision, member, etcdSilentMs: this.#publisher.etcdSilentMs };
    this.#publisher.offer(member, seen);
    this.#lease.keep(seen.term.hold?.token, this.#settings.timings.termMs);
    this.#options.onTick?.(this.#snapshot);
    await this.#membership.record(seen, this.#memory);
  }

  async #observe(): Promise<Observation> {
    const { clock } = this.#ports;
    const before = this.#driver.view();
    // What ends while the ports are asked still counts as under way: their readings may be older than its end.
    const inFlight = new Map(this.#executor.inFlight);
    const actsInFlight = this.#resources.inFlight();
    const { ports, contact, heard } = await this.#observer.observe(
      this.#settings,
      this.#me,
      this.#memory,
      before,
    );
    const server = ports.postgres?.known === true ? ports.postgres.value.server : undefined;
    this.#driver.reportLsn(
      server?.kind === 'up' && !server.inRecovery ? formatLsn(server.flushedLsn) : undefined,
    );
    return {
      now: clock.now(),
      wallMs: clock.wallMs(),
      me: this.#me,
      bootId: this.#options.identity.bootId,
      settings: this.#settings,
      term: this.#driver.view(),
      verdict: this.#driver.judgeTake(readValue(ports.guard)),
      ports,
      resources: this.#resources.seen(actsInFlight),
      contact,
      heard,
      local: this.#membership.facts(this.#settings),
      inFlight,
      finished: new Map(this.#executor.finished),
    };
  }

  #carryOut(intention: Intention, seen: Observation): void {
    const now = this.#ports.clock.now();
    if (!this.#plan.allows(intention, seen.settings)) return;
    switch (intention.kind) {
      case 'take':
        return this.#take(intention, seen);
      case 'invite':
        return this.#driver.mayAct(intention.token)
          ? this.#driver.feed({ kind: 'invite', now, nodes: intention.nodes })
          : undefined;
      case 'write-state':
        if (!this.#driver.mayAct(intention.token)) return;
        return this.#driver.feed({ kind: 'write-state', now, next: intention.next });
      case 'resource.act':
        return this.#actOnResource(intention, seen);
      default:
    }
    const group = this.#driver.view().group;
    const action = actionFor(intention, {
      settings: this.#settings,
      driver: this.#driver,
      ports: this.#ports,
      request: group === undefined ? undefined : presentValue(group.request),
    });
    if (action !== undefined) this.#executor.run(intention, (token) => this.#driver.mayAct(token), action);
  }

  #actOnResource(intention: ResourceActIntention, seen: Observation): void {
    const { hold } = seen.term;
    const resource = seen.settings.resources.find(({ name }) => name === intention.name);
    if (resource === undefined) return;
    const permit = (): boolean => hold !== undefined && this.#driver.mayAct(hold.token);
    this.#resources.run(intention, resource, hold === undefined ? 'standby' : 'primary', permit);
  }

  #take(intention: Extract<Intention, { kind: 'take' }>, seen: Observation): void {
    const { clock } = this.#ports;
    const { group } = seen.term;
    const leader = group === undefined ? undefined : presentValue(group.leader);
    const { kind, from } = kindOfTake(leader, this.#me);
    this.#recorder.begin(intention.why, kind, from, kind === 'failover' ? this.#loss.bytes(seen) : undefined);
    this.#driver.feed({
      kind: 'take',
      now: clock.now(),
      nonce: nonce(clock.nonce()),
      basis: intention.basis,
      state: intention.state,
    });
  }
}
