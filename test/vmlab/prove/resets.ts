import { readFileSync } from 'node:fs';
import { waitFor } from '../../cluster/index.ts';
import type { QmpEvent, QmpSession } from '../qmp.ts';
import { BOOT_LIMIT_MS } from '../virtual-machine.ts';
import type { VmLab } from '../vm-lab.ts';
import { vmFiles } from '../vm-layout.ts';

/** Watches one machine reset itself: QEMU tells it, and the console tells why. */
export class ResetWatch {
  readonly #lab: VmLab;
  readonly #node: string;
  readonly #session: QmpSession;
  readonly #consoleFrom: number;

  private constructor(lab: VmLab, node: string, session: QmpSession) {
    this.#lab = lab;
    this.#node = node;
    this.#session = session;
    this.#consoleFrom = this.#console().length;
  }

  static async of(lab: VmLab, node: string): Promise<ResetWatch> {
    return new ResetWatch(lab, node, await lab.vm(node).listen());
  }

  /** The first reset that the guest itself asked for; undefined when there was none within the limit. */
  async reset(limitMs: number): Promise<QmpEvent | undefined> {
    return waitFor(limitMs, 50, async () =>
      this.#session.events('RESET').find((event) => event.data['guest'] === true),
    );
  }

  /** What the console printed since the watch began, where it matches. */
  printed(pattern: RegExp): string | undefined {
    const text = this.#console().slice(this.#consoleFrom).toString('utf8');
    return text
      .split('\n')
      .find((line) => pattern.test(line))
      ?.trim();
  }

  close(): void {
    this.#session.close();
  }

  #console(): Buffer {
    return readFileSync(vmFiles(this.#lab.layout, this.#node).console);
  }
}

/** Waits until the machine has booted anew by itself. */
export async function seeReboot(lab: VmLab, node: string, bootId: string | undefined): Promise<void> {
  await lab.vm(node).forget();
  const another = await waitFor(BOOT_LIMIT_MS, 1000, async () => {
    const now = await lab.bootId(node);
    return now !== undefined && now !== bootId ? now : undefined;
  });
  if (another === undefined) throw new Error(`${node} did not boot anew after its reset.`);
  await lab.vm(node).waitForBoot();
}
