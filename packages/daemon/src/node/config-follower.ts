import type { NodeFile } from '@hamn/config';
import type { Entry, GroupSettings } from '@hamn/core';
import type { Engine, JournalPort } from '@hamn/engine';
import { readSettings, type SettingsCache } from './settings-source.ts';

export interface FollowerDeps {
  readonly file: NodeFile;
  readonly cache: SettingsCache;
  readonly journal: JournalPort;
  /** Other parts that live by the settings: the addresses of the other nodes. */
  readonly onSettings: (settings: GroupSettings) => void;
}

/** Applies each new valid `config` of etcd; a bad one is told, and the last good one stays in force. */
export class ConfigFollower {
  readonly #deps: FollowerDeps;
  #revision = -1;
  #text = '';
  #problem: string | undefined;

  constructor(deps: FollowerDeps) {
    this.#deps = deps;
  }

  get problems(): readonly string[] {
    return this.#problem === undefined ? [] : [this.#problem];
  }

  /** The settings when this entry brings valid ones that are new. */
  take(entry: Entry<string>): GroupSettings | undefined {
    if (entry.kind !== 'present' || entry.mod === this.#revision) return undefined;
    this.#revision = entry.mod;
    const { file, cache, journal } = this.#deps;
    const read = readSettings(entry.value, file);
    if (!read.ok) {
      this.#problem = `The configuration in etcd is not used: ${read.error.message}`;
      journal.write({ event: 'config.refused', level: 'error', message: this.#problem });
      return undefined;
    }
    this.#problem = undefined;
    const text = JSON.stringify(read.value);
    if (text === this.#text) return undefined;
    this.#text = text;
    cache.write(entry.value);
    journal.write({
      event: 'config.applied',
      level: 'info',
      message: `The configuration of revision ${entry.mod} is in force.`,
    });
    return read.value;
  }

  apply(engine: Engine, entry: Entry<string>): void {
    const settings = this.take(entry);
    if (settings === undefined) return;
    this.#deps.onSettings(settings);
    engine.setSettings(settings);
  }
}
