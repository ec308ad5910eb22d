import {
  done,
  fail,
  type Instant,
  type Intention,
  known,
  type Reading,
  type ResourceAct,
  type ResourceFinish,
  type ResourceLook,
  type ResourceSeen,
  type ResourceSettings,
  type Result,
  unknown,
  unseen,
} from '@hamn/core';
import { withLimit } from '../limit.ts';
import type { Ports } from '../ports/all.ts';
import type { Permit } from '../ports/permit.ts';
import type { ResourceCall, ResourceFailure, ResourcePort } from '../ports/resources.ts';

export type ResourceActIntention = Extract<Intention, { kind: 'resource.act' }>;

/** An adapter ends within the limit of the call; one that does not is given up on soon after. */
const graceMs = 1000;
/** systemd does not answer at all: that says nothing about the resource, and it is asked again after this. */
const askAgainMs = 1000;

type Known = Extract<Reading<ResourceLook>, { known: true }>;

const isWell = (found: Reading<ResourceLook> | undefined): found is Known =>
  found?.known === true &&
  found.value.reason === undefined &&
  (found.value.level === 'running' || found.value.level === 'promoted');

interface Flight {
  readonly act: ResourceAct;
  readonly since: Instant;
}

interface Held {
  /** Start, promotion or demotion. */
  rising: Flight | undefined;
  /** Stop or kill. */
  falling: Flight | undefined;
  looking: Flight | undefined;
  /** Number of the newest act: an older one that ends after it was overtaken, and says nothing any more. */
  newest: number;
  finished: ResourceFinish | undefined;
  look: ResourceSeen['look'];
  lookAfter: number;
}

/** Carries out what is to be done to resources, each on its own: a stop never waits for a start. */
export class ResourceRunner {
  readonly #ports: Pick<Ports, 'clock' | 'journal' | 'resources'>;
  readonly #onEnd: () => void;
  readonly #held = new Map<string, Held>();

  constructor(ports: Pick<Ports, 'clock' | 'journal' | 'resources'>, onEnd: () => void) {
    this.#ports = ports;
    this.#onEnd = onEnd;
  }

  /** What is under way now. */
  inFlight(): ReadonlyMap<string, Flight> {
    const all = new Map<string, Flight>();
    for (const [name, { falling, rising, looking }] of this.#held) {
      const flight = falling ?? rising ?? looking;
      if (flight !== undefined) all.set(name, flight);
    }
    return all;
  }

  /** With `inFlight` as it was when the look at everything else began: what ended meanwhile counts as under way still. */
  seen(inFlight: ReadonlyMap<string, Flight>): ReadonlyMap<string, ResourceSeen> {
    return new Map(
      [...this.#held].map(([name, { look, finished }]) => [
        name,
        { ...unseen, look, finished, inFlight: inFlight.get(name) },
      ]),
    );
  }

  run(
    intention: ResourceActIntention,
    resource: ResourceSettings,
    role: ResourceCall['role'],
    permit: Permit,
  ): void {
    const { resources } = this.#ports;
    if (resources === undefined) return;
    const held = this.#of(intention.name);
    const call: ResourceCall = { resource, limitMs: intention.limitMs, role };
    if (intention.act === 'monitor') return this.#look(resources, held, call);
    const falls = intention.act === 'stop' || intention.act === 'kill';
    if (held.falling !== undefined || (!falls && held.rising !== undefined)) return;
    if (intention.onTerm && !permit()) return;
    this.#begin(intention, held, falls ? 'falling' : 'rising', () =>
      actOf(resources, intention.act, call, intention.onTerm ? permit : () => true),
    );
  }

  #begin(
    { name, act, limitMs, reason }: ResourceActIntention,
    held: Held,
    slot: 'rising' | 'falling',
    run: () => Promise<Result<undefined, ResourceFailure>>,
  ): void {
    const { clock, journal } = this.#ports;
    const since = clock.now();
    held.newest += 1;
    const own = held.newest;
    journal.write({
      event: `resource.${act}`,
      level: 'info',
      message: `${name}: ${act}: ${reason}`,
      fields: { resource: name },
    });
    const flight: Flight = { act, since };
    held[slot] = flight;
    const end = (result: Result<undefined>): void => {
      if (held[slot] === flight) held[slot] = undefined;
      const at = clock.now();
      const tookMs = Math.round(at - since);
      const message = result.ok ? undefined : result.error.message;
      // What was on its way up has been ended with it.
      if (slot === 'falling' && result.ok) held.rising = undefined;
      if (own === held.newest && act !== 'monitor')
        held.finished = { act, at, ok: result.ok, code: result.ok ? undefined : result.error.code, message };
      journal.write({
        event: `resource.${act}.${result.ok ? 'done' : 'failed'}`,
        level: result.ok ? 'info' : 'warn',
        message: `${name}: ${act} ${result.ok ? `took ${tookMs} ms.` : `failed after ${tookMs} ms: ${message ?? ''}`}`,
        fields: { resource: name, tookMs },
      });
      this.#onEnd();
    };
    const what = `The ${act} of ${name}`;
    this.#bounded(what, limitMs, () => {
      const running = run();
      // A machine that stood still lets limits pass for what had done its work: its word counts while nothing newer was begun.
      running.then(
        (result) => {
          if (result.ok && own === held.newest && held[slot] === undefined) end(result);
        },
        () => undefined,
      );
      return running;
    }).then(end, () => undefined);
  }

  #look(resources: ResourcePort, held: Held, call: ResourceCall): void {
    const { clock } = this.#ports;
    const at = clock.now();
    if (held.looking !== undefined || held.rising !== undefined || held.falling !== undefined) return;
    if (at < held.lookAfter) return;
    held.looking = { act: 'monitor', since: at };
    this.#bounded(`The look at ${call.resource.name}`, call.limitMs, () => resources.look(call)).then(
      (result: Result<ResourceLook>) => {
        held.looking = undefined;
        if (!result.ok && result.error.code === 'unreachable') held.lookAfter = clock.now() + askAgainMs;
        else {
          const before = held.look?.found;
          const found: Reading<ResourceLook> = result.ok
            ? known(result.value)
            : unknown(result.error.message);
          held.look = { at, found };
          // What is as well as it was waits for the next tick.
          if (isWell(found) && isWell(before) && found.value.level === before.value.level) return;
        }
        this.#onEnd();
      },
      () => undefined,
    );
  }

  async #bounded<T>(what: string, limitMs: number, run: () => Promise<Result<T>>): Promise<Result<T>> {
    try {
      return await withLimit(this.#ports.clock, limitMs + graceMs, what, run);
    } catch (error) {
      return fail('threw', error instanceof Error ? error.message : String(error));
    }
  }

  #of(name: string): Held {
    const before = this.#held.get(name);
    if (before !== undefined) return before;
    const made: Held = {
      rising: undefined,
      falling: undefined,
      looking: undefined,
      newest: 0,
      finished: undefined,
      look: undefined,
      lookAfter: Number.NEGATIVE_INFINITY,
    };
    this.#held.set(name, made);
    return made;
  }
}

function actOf(
  port: ResourcePort,
  act: ResourceAct,
  call: ResourceCall,
  permit: Permit,
): Promise<Result<undefined, ResourceFailure>> {
  switch (act) {
    case 'start':
      return port.start(call, permit);
    case 'promote':
      return port.promote(call, permit);
    case 'demote':
      return port.demote(call);
    case 'outdate':
      return port.outdate(call);
    case 'stop':
      return port.stop(call);
    case 'kill':
      return port.kill(call);
    case 'monitor':
      return Promise.resolve(done);
  }
}
