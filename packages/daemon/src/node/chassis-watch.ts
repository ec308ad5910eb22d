import { readdirSync } from 'node:fs';
import type { GroupSettings } from '@hamn/core';
import type { JournalPort } from '@hamn/engine';
import type { LocalFactsFile } from './local-facts.ts';

const interfacesHere = (): readonly string[] => {
  try {
    return readdirSync('/sys/class/net').filter((name) => name !== 'lo');
  } catch {
    return [];
  }
};

/** Disks that were carried into another chassis: what an admin is told of it, until `hamnctl accept-machine`. Nothing is decided here. */
export class ChassisWatch {
  readonly #local: LocalFactsFile;
  readonly #interfaces: () => readonly string[];

  constructor(local: LocalFactsFile, interfaces: () => readonly string[] = interfacesHere) {
    this.#local = local;
    this.#interfaces = interfaces;
  }

  /** Once, when hamnd starts. */
  begin(journal: JournalPort): void {
    const noted = this.#local.noteChassis();
    if (!noted.ok) journal.write({ event: 'chassis.not-noted', level: 'warn', message: noted.error.message });
    const other = this.#local.otherChassis();
    if (other === undefined) return;
    const message = `The disks of this node are in another chassis: ${other}.`;
    journal.write({ event: 'chassis.changed', level: 'warn', message });
  }

  /** `settings`: of a node that has data; undefined on a witness. */
  problems(settings: Pick<GroupSettings, 'vips'> | undefined): readonly string[] {
    const other = this.#local.otherChassis();
    const moved =
      other === undefined
        ? []
        : [
            `The disks of this node are in another chassis: ${other}. Look at its network with \`hamnctl doctor disks\`; if the change is meant, \`hamnctl accept-machine\` ends this message.`,
          ];
    return [...moved, ...this.#missingInterfaces(settings)];
  }

  #missingInterfaces(settings: Pick<GroupSettings, 'vips'> | undefined): readonly string[] {
    const wanted = new Set(settings?.vips.map((vip) => vip.interface));
    if (wanted.size === 0) return [];
    const here = this.#interfaces();
    return [...wanted]
      .filter((name) => !here.includes(name))
      .map(
        (name) =>
          `There is no interface ${name} here, which a VIP wants; there are ${here.join(', ') || 'none'}. Give the right card that name, or correct \`interface\` of the VIP.`,
      );
  }
}
