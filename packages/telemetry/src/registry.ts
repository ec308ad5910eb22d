import type { SenderReport } from '@hamn/api';
import type { EngineSnapshot, JournalEvent } from '@hamn/engine';
import { Counter, Gauge, Registry } from 'prom-client';
import { collect } from './collect.ts';
import { collectFileSync } from './collect-file-sync.ts';
import { metrics } from './metrics.ts';

export interface MetricsOptions {
  readonly cluster: string;
  readonly group: string;
  readonly node: string;
  readonly version: string;
}

/** Prometheus' view of one hamnd: gauges of the newest tick, counters since its start. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #counters = new Map<string, Counter>();
  readonly #version: string;

  constructor(options: MetricsOptions) {
    this.#version = options.version;
    this.#registry.setDefaultLabels({ cluster: options.cluster, group: options.group, node: options.node });
    for (const { name, type, help, labels } of metrics) {
      const settings = { name, help, labelNames: [...labels], registers: [this.#registry] };
      if (type === 'gauge') this.#gauges.set(name, new Gauge(settings));
      else this.#counters.set(name, new Counter(settings));
    }
  }

  /** Counts an event of the journal. */
  count(event: JournalEvent): void {
    this.#counters.get('hamn_events_total')?.inc({ event: event.event, level: event.level });
    if (event.rule !== undefined) this.#counters.get('hamn_decisions_total')?.inc({ rule: event.rule });
    if (event.event === 'promise.refused') this.#counters.get('hamn_promises_refused_total')?.inc();
    const { target, outcome } = event.fields ?? {};
    if (event.event === 'fence.end' && typeof target === 'string' && typeof outcome === 'string')
      this.#counters.get('hamn_fences_total')?.inc({ target, outcome });
    if (event.event.startsWith('service-node.move-') && typeof outcome === 'string')
      this.#counters.get('hamn_service_node_moves_total')?.inc({ outcome });
    const ms = event.fields?.['ms'];
    const [family, phase] = event.event.split('.');
    if (family === 'takeover' && phase !== undefined && typeof ms === 'number') {
      this.#gauges.get('hamn_takeover_phase_seconds')?.set({ phase }, ms / 1000);
    }
  }

  /** The text of a scrape. */
  async text(snapshot: EngineSnapshot | undefined, senders: readonly SenderReport[] = []): Promise<string> {
    for (const [name, gauge] of this.#gauges) if (name !== 'hamn_takeover_phase_seconds') gauge.reset();
    const generated = this.#counters.get('hamn_wal_generated_bytes_total');
    generated?.reset();
    const set = (name: string, value: number, ...labels: readonly string[]): void => {
      // A counter of PostgreSQL's own: it is told as it stands.
      if (this.#counters.has(name)) return void this.#counters.get(name)?.inc(value);
      const names = metrics.find((definition) => definition.name === name)?.labels ?? [];
      this.#gauges
        .get(name)
        ?.set(Object.fromEntries(names.map((label, index) => [label, labels[index] ?? ''])), value);
    };
    set('hamn_build_info', 1, this.#version);
    if (snapshot !== undefined) collect(snapshot, set);
    collectFileSync(senders, set);
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }
}
