import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type ResourceKind, type ResourceSettings, traitsOf } from '@hamn/core';
import type { JournalEvent, ResourceCall, ResourcePort } from '@hamn/engine';
import { testClock } from '@hamn/engine/testing';
import type { ResourcesOptions } from '../options.ts';
import { createResources } from '../resources.ts';
import { DoubleSystemd } from './double-systemd.ts';

/** The port over real processes; see DoubleSystemd for what stands in for systemd. */
export class Scene {
  readonly directory: string = mkdtempSync(join(tmpdir(), 'hamn-resources-'));
  readonly group: string = `t${process.pid}x${basename(this.directory).slice(-6)}`;
  readonly systemd: DoubleSystemd = new DoubleSystemd();
  readonly journal: JournalEvent[] = [];
  readonly port: ResourcePort;

  constructor(options: Partial<ResourcesOptions> = {}) {
    this.port = createResources(
      { group: this.group, node: 'mn1', directory: join(this.directory, 'run'), ...options },
      { clock: testClock, units: this.systemd, journal: { write: (event) => this.journal.push(event) } },
    );
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  unitOf(name: string, suffix = ''): string {
    return `hamn-res-${this.group}-${name}${suffix}.service`;
  }

  async remove(): Promise<void> {
    await this.systemd.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export const settingsOf = (
  name: string,
  what: ResourceKind,
  more: Partial<ResourceSettings> = {},
): ResourceSettings => ({
  name,
  what,
  runs: 'primary',
  after: [],
  ...traitsOf(what).defaults,
  failure: { restarts: 3, windowMs: 300_000, outcome: 'degrade' },
  unfenced: false,
  ...more,
});

export const callOf = (resource: ResourceSettings, limitMs = 10_000): ResourceCall => ({
  resource,
  limitMs,
  role: 'primary',
});

export const done = { ok: true, value: undefined } as const;

export const looked = (level: string): object => ({ ok: true, value: { level } });

export const failed = (code: string, message: RegExp | string): object => ({
  ok: false,
  error: { code, message: expectText(message) },
});

const expectText = (text: RegExp | string): unknown => ({
  asymmetricMatch: (actual: unknown) =>
    typeof actual === 'string' && (typeof text === 'string' ? actual.includes(text) : text.test(actual)),
  toString: () => String(text),
});
