import type { Random } from '../base/random.ts';
import type { Machine } from '../machine/machine.ts';
import { clientPlace } from '../machine/network.ts';
import { simVip } from '../run/settings.ts';
import type { World } from '../run/world.ts';

/** Writers: one beside the nodes that uses the VIP, and one on each data node that uses its own server, whatever the network does. */
export class Writers {
  readonly #world: World;
  readonly #random: Random;
  /** When a write through the VIP was last acknowledged to the client, and by whom. */
  lastThroughVip: { readonly atMs: number; readonly node: string } | undefined;
  acknowledged = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork('writers');
  }

  begin(): void {
    this.#throughVip();
    for (const machine of this.#world.dataMachines) this.#locally(machine);
    this.#world.signals.on((signal) => {
      if (signal.kind === 'acknowledged') this.acknowledged += 1;
    });
  }

  #throughVip(): void {
    const { scheduler, network } = this.#world;
    let waiting = true;
    const next = (delayMs: number): void => {
      if (!waiting) return;
      waiting = false;
      scheduler.in(delayMs, () => this.#throughVip());
    };
    const target = this.#holder();
    if (target?.server.isWritable !== true) return next(this.#random.between(40, 80));
    // A client that hears nothing asks again.
    scheduler.in(1000, () => next(0));
    scheduler.in(network.latency(clientPlace, target.name), () => {
      const process = target.server.process;
      if (process === undefined) return next(50);
      process.in(0, () =>
        target.server.commit(this.#bytes(), (acknowledged) => {
          if (!network.connects(clientPlace, target.name)) return;
          if (acknowledged) this.lastThroughVip = { atMs: scheduler.now, node: target.name };
          next(this.#random.between(30, 70));
        }),
      );
    });
  }

  #locally(machine: Machine): void {
    const { scheduler } = this.#world;
    const process = machine.server.process;
    if (machine.server.isWritable && process?.running === true)
      machine.server.commit(this.#bytes(), () => undefined);
    scheduler.in(this.#random.between(50, 110), () => this.#locally(machine));
  }

  #bytes(): number {
    return this.#random.chance(0.05) ? this.#random.int(50_000, 300_000) : this.#random.int(100, 8000);
  }

  /** Who answers the client's ARP request: the one that announced last, if it can be reached. */
  #holder(): Machine | undefined {
    const { network } = this.#world;
    let best: Machine | undefined;
    for (const machine of this.#world.dataMachines) {
      if (!machine.up || machine.paused || !machine.vips.has(simVip.address)) continue;
      if (!network.connects(clientPlace, machine.name)) continue;
      const at = machine.vips.announcedAt(simVip.address) ?? -1;
      if (best === undefined || at > (best.vips.announcedAt(simVip.address) ?? -1)) best = machine;
    }
    return best;
  }
}
