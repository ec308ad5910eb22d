import {
  type Claim,
  done,
  fail,
  type Lsn,
  ok,
  type PostgresView,
  type Result,
  type SlotChange,
  timelineId,
} from '@hamn/core';
import { type Permit, type PostgresFailure, type PostgresPort, termOver, type Upstream } from '@hamn/engine';
import type { Random } from '../base/random.ts';
import type { MachineClock } from '../machine/machine-clock.ts';
import type { Process } from '../machine/process.ts';
import { request } from '../machine/request.ts';
import { setNames } from './names.ts';
import type { Server } from './server.ts';
import { clone, promote, rewind, stopFast } from './tasks.ts';
import { toLsn, viewOf } from './view.ts';

export interface SimPostgresParts {
  readonly server: Server;
  readonly process: Process;
  readonly clock: MachineClock;
  readonly random: Random;
  readonly watch: (run: () => void) => void;
  /** An act that only a holder may do. */
  readonly act: (what: string) => void;
  readonly gap: (act: () => void) => void;
  /** The gate in front of the unit: only while this node holds the term. */
  readonly mayStartAsPrimary: () => boolean;
}

type Outcome<T> = Result<T, PostgresFailure>;
type Answer<T> = (outcome: Outcome<T>) => void;

/** PostgreSQL as one hamnd uses it. */
export class SimPostgres implements PostgresPort {
  readonly #parts: SimPostgresParts;

  constructor(parts: SimPostgresParts) {
    this.#parts = parts;
  }

  observe(timeoutMs: number): Promise<Outcome<PostgresView>> {
    const { server, process, random, clock } = this.#parts;
    const hung = server.process?.frozen === true;
    const delay = hung ? clock.toWorld(timeoutMs * 0.8) : random.between(0.5, 4);
    return new Promise((resolve) => process.in(delay, () => resolve(ok(viewOf(server)))));
  }

  startStandby(upstream: Upstream | undefined, timeoutMs: number): Promise<Outcome<undefined>> {
    const { server } = this.#parts;
    const { disk } = server.parts;
    return this.#call(timeoutMs, 'The start', (answer) => {
      if (server.isWritable) return answer(fail('sql', 'The server runs as a primary.'));
      if (disk.data !== 'present') return answer(fail('files', 'There is no database to start.'));
      disk.standbySignal = true;
      disk.upstream = upstream?.node;
      if (server.process !== undefined) {
        server.replication.reconnect();
        return answer(
          server.phase === 'up' ? done : fail('unit-failed', 'The server is changing its state.'),
        );
      }
      server.start(true, started(answer));
    });
  }

  startPrimary(timeoutMs: number, permit: Permit): Promise<Outcome<undefined>> {
    const { server, act, gap, mayStartAsPrimary } = this.#parts;
    const { disk } = server.parts;
    return this.#call(timeoutMs, 'The start', (answer) => {
      if (!permit()) return answer(termOver('the database was started as a primary'));
      act('starts its database as a primary');
      gap(() => {
        if (!mayStartAsPrimary())
          return answer(fail('unit-failed', 'The gate in front of the unit is shut.'));
        if (server.process !== undefined)
          return answer(server.isWritable ? done : fail('unit-failed', 'The server is changing its state.'));
        if (disk.data !== 'present') return answer(fail('files', 'There is no database to start.'));
        disk.standbySignal = false;
        server.start(false, started(answer));
      });
    });
  }

  promote(timeoutMs: number, permit: Permit): ReturnType<PostgresPort['promote']> {
    const { server, act, gap } = this.#parts;
    return this.#call(timeoutMs, 'The promotion', (answer) => {
      if (!permit()) return answer(termOver('the promotion began'));
      act('promotes its database');
      gap(() =>
        promote(server, (switchLsn) => {
          if (switchLsn === undefined) return answer(fail('sql', 'The promotion failed.'));
          const timeline = timelineId(server.parts.disk.position.branch.timeline);
          answer(ok({ timeline, switchLsn: toLsn(switchLsn) }));
        }),
      );
    });
  }

  follow(upstream: Upstream | undefined, timeoutMs: number): Promise<Outcome<undefined>> {
    const { server } = this.#parts;
    return this.#call(timeoutMs, 'The reload', (answer) => {
      if (server.process === undefined) return answer(fail('down', 'The server does not run.'));
      server.parts.disk.upstream = upstream?.node;
      server.replication.reconnect();
      answer(done);
    });
  }

  detach(timeoutMs: number): Promise<Outcome<Lsn>> {
    const { server, random } = this.#parts;
    const none = fail('not-standby', 'It is no standby that runs.');
    return this.#call(timeoutMs, 'The end of the receiver', (answer) => {
      const { process } = server;
      if (process === undefined || server.phase !== 'up' || !server.inRecovery) return answer(none);
      server.parts.disk.upstream = undefined;
      // The receiver ends a moment after the reload; the position is read after that.
      process.in(random.between(1, 40), () => {
        server.replication.reconnect();
        process.in(random.between(0.1, 5), () => {
          if (server.phase !== 'up' || !server.inRecovery) return answer(none);
          answer(ok(toLsn(server.parts.disk.position.lsn)));
        });
      });
    });
  }

  setSynchronous(claim: Claim, timeoutMs: number): Promise<Outcome<undefined>> {
    const { server } = this.#parts;
    return this.#call(timeoutMs, 'The change of the names', (answer) =>
      setNames(server, claim, (proven) =>
        answer(proven ? done : fail('not-proven', 'It could not be proven that every commit waits.')),
      ),
    );
  }

  currentLsn(timeoutMs: number): Promise<Outcome<Lsn>> {
    const { server } = this.#parts;
    return this.#call(timeoutMs, 'The server', (answer) =>
      answer(
        server.isWritable
          ? ok(toLsn(server.parts.disk.position.lsn))
          : fail('not-primary', 'It is not a primary.'),
      ),
    );
  }

  checkpoint(timeoutMs: number): Promise<Outcome<undefined>> {
    const { server, random } = this.#parts;
    return this.#call(timeoutMs, 'The checkpoint', (answer) => {
      const process = server.process;
      if (process === undefined) return answer(fail('down', 'The server does not run.'));
      process.in(random.between(5, 150), () => {
        server.checkpoint();
        answer(done);
      });
    });
  }

  stop(mode: 'fast' | 'immediate', timeoutMs: number): Promise<Outcome<Lsn | undefined>> {
    const { server, random, clock, process } = this.#parts;
    return this.#call(timeoutMs, 'The stop', (answer: Answer<Lsn | undefined>) => {
      if (mode === 'fast') {
        const giveUpAt = server.parts.now() + clock.toWorld(timeoutMs);
        return stopFast(server, giveUpAt, (at) =>
          answer(at === undefined ? fail('timeout', 'The server did not stop in time.') : ok(toLsn(at))),
        );
      }
      process.in(random.between(5, 50), () => {
        server.die('stopped at once');
        answer(ok(undefined));
      });
    });
  }

  rewind(upstream: Upstream, timeoutMs: number): Promise<Outcome<undefined>> {
    const { server, process } = this.#parts;
    return this.#call(timeoutMs, 'pg_rewind', (answer) =>
      rewind(server, process, upstream.node, copied('pg_rewind', answer)),
    );
  }

  clone(
    upstream: Upstream,
    timeoutMs: number,
    _keepMs?: number,
    standby?: Upstream,
  ): Promise<Outcome<undefined>> {
    const { server, process } = this.#parts;
    const order = { upstream: upstream.node, standby: standby?.node };
    return this.#call(timeoutMs, 'pg_basebackup', (answer) =>
      clone(server, process, order, copied('pg_basebackup', answer)),
    );
  }

  changeSlots(changes: readonly SlotChange[], timeoutMs: number): Promise<Outcome<undefined>> {
    const { server } = this.#parts;
    return this.#call(timeoutMs, 'The server', (answer) => {
      if (server.phase !== 'up') return answer(fail('down', 'The server takes no sessions.'));
      for (const change of changes) server.wal.change(change);
      answer(done);
    });
  }

  applySettings(timeoutMs: number): Promise<Outcome<undefined>> {
    const { server } = this.#parts;
    return this.#call(timeoutMs, 'The reload', (answer) => {
      if (server.phase !== 'up') return answer(fail('down', 'The server takes no sessions.'));
      server.parts.disk.settingsOutdated = false;
      answer(done);
    });
  }

  watch(onChange: () => void): void {
    this.#parts.watch(onChange);
  }

  /** The call reaches the server (or the file) a moment later, and its answer comes back a moment later still. */
  #call<T>(timeoutMs: number, what: string, run: (answer: Answer<T>) => void): Promise<Outcome<T>> {
    const { process, clock, random, server } = this.#parts;
    const late = (): Outcome<T> => fail('timeout', `${what} did not end within ${timeoutMs} ms.`);
    return request<Outcome<T>>(process, clock.toWorld(timeoutMs), late, (reply) => {
      // A server that hangs takes the call when it goes on.
      const taker = server.process?.frozen === true ? server.process : process;
      const answer = (outcome: Outcome<T>): void => {
        process.in(random.between(0.2, 2), () => reply(outcome));
      };
      taker.in(random.between(0.3, 3), () => {
        if (server.process !== undefined) server.onDeath(() => answer(fail('down', 'The server died.')));
        run(answer);
        if (server.phase === 'starting')
          server.onDeath(() => answer(fail('unit-failed', 'The server died.')));
      });
    });
  }
}

const started =
  (answer: Answer<undefined>) =>
  (ok: boolean): void =>
    answer(ok ? done : fail('unit-failed', 'The server did not start.'));

const copied =
  (tool: string, answer: Answer<undefined>) =>
  (ok: boolean): void =>
    answer(ok ? done : fail('tool-failed', `${tool} failed.`));
