import { unlinkSync } from 'node:fs';
import type { GuardAct, GuardPlan, GuardRecord, GuardView } from '@hamn/core';
import type { Found } from '../machine/restore.ts';
import type { GuardState } from '../machine/state.ts';
import { actOf, fieldsOf, planOf, recordOf, textOf } from '../wire/decode.ts';
import { readJson, replaceFile } from './files.ts';

/** What the guard leaves for its successor. */
export interface StoredRecord {
  readonly bootId: string;
  readonly phase: GuardView['state'];
  readonly record: GuardRecord | undefined;
  readonly lastAct: GuardAct | undefined;
}

/**
 * The guard's files in /run: `guard.json` (written with every renewal), `guard-plan.json` (apart, so that a damaged record does not take
 * the plan with it) and `term-deadline`, which the gate in PostgreSQL's unit reads. Each is replaced whole; /run is memory, so nothing is
 * synced. Writing throws; the caller refuses the order then.
 */
export class RecordFile {
  readonly #directory: string;
  readonly #bootId: string;

  constructor(directory: string, bootId: string) {
    this.#directory = directory;
    this.#bootId = bootId;
  }

  read(): Found<StoredRecord> {
    return readJson(this.#path('guard.json'), storedOf);
  }

  readPlan(): Found<GuardPlan> {
    return readJson(this.#path('guard-plan.json'), planOf);
  }

  write(state: GuardState): void {
    const stored: StoredRecord = {
      bootId: this.#bootId,
      phase: state.phase,
      record: state.record,
      lastAct: state.lastAct,
    };
    replaceFile(this.#path('guard.json'), JSON.stringify(stored));
  }

  writePlan(plan: GuardPlan): void {
    replaceFile(this.#path('guard-plan.json'), JSON.stringify(plan));
  }

  /** One line: the deadline in seconds of CLOCK_BOOTTIME, the token. */
  writeGate(record: GuardRecord): void {
    const seconds = (Math.floor(record.deadline) / 1000).toFixed(3);
    replaceFile(this.#path('term-deadline'), `${seconds} ${record.token}\n`);
  }

  /** Never throws. What cannot be removed ends by its own deadline. */
  removeGate(): void {
    try {
      unlinkSync(this.#path('term-deadline'));
    } catch {
      // It was not there.
    }
  }

  #path(name: string): string {
    return `${this.#directory}/${name}`;
  }
}

function storedOf(value: unknown): StoredRecord | undefined {
  const fields = fieldsOf(value);
  const bootId = textOf(fields?.['bootId']);
  const phase = fields?.['phase'];
  if (bootId === undefined) return undefined;
  if (phase !== 'harmless' && phase !== 'armed' && phase !== 'acting' && phase !== 'failed') return undefined;
  const record = recordOf(fields?.['record']);
  if (record === undefined && fields?.['record'] !== undefined) return undefined;
  return { bootId, phase, record, lastAct: actOf(fields?.['lastAct']) };
}
