import { join } from 'node:path';
import type { LocalFacts, Result, WalLine } from '@hamn/core';
import { done, withLine, withPromotion } from '@hamn/core';
import type { LocalPort } from '@hamn/engine';
import { type Chassis, otherChassis } from '@hamn/linux';
import { z } from 'zod';
import { readText, writeDurably } from './durable-file.ts';
import { hasAddress, type MachineMark, otherMachine, readMachine } from './machine.ts';

/** What `local.json` holds. */
interface Kept {
  readonly managed: boolean;
  readonly promotions: readonly { readonly token: number; readonly fromTimeline: number }[];
  readonly line?: WalLine | undefined;
  readonly identity?: string | undefined;
  readonly machine?: MachineMark | undefined;
}

const chassisSchema: z.ZodType<Chassis> = z.looseObject({
  product: z.string().optional(),
  serial: z.string().optional(),
  board: z.string().optional(),
  cards: z.array(z.looseObject({ name: z.string(), mac: z.string(), slot: z.string() })),
});

const keptSchema: z.ZodType<Kept> = z.looseObject({
  managed: z.boolean(),
  promotions: z.array(z.looseObject({ token: z.number(), fromTimeline: z.number() })),
  line: z.looseObject({ token: z.number(), timeline: z.number() }).optional(),
  identity: z.string().optional(),
  machine: z
    .looseObject({
      uuid: z.string().optional(),
      macs: z.array(z.string()),
      // Whatever stands there: the rest of the file must not be lost for it.
      chassis: chassisSchema.optional().catch(undefined),
    })
    .optional(),
});

/** What the machine says of itself; another one in tests. */
export interface MachineDeps {
  readonly read: () => MachineMark;
  readonly hasAddress: (address: string) => boolean;
}

/** This node's memory on its own disk: `local.json` in the state directory. */
export class LocalFactsFile implements LocalPort {
  readonly #file: string;
  readonly #deps: MachineDeps;
  readonly #machine: MachineMark;
  #kept: Kept;

  constructor(stateDirectory: string, deps: MachineDeps = { read: readMachine, hasAddress }) {
    this.#file = join(stateDirectory, 'local.json');
    this.#deps = deps;
    this.#machine = deps.read();
    this.#kept = parse(readText(this.#file));
  }

  facts(ownAddress: string | undefined): LocalFacts {
    const { managed, promotions, line, identity, machine } = this.#kept;
    return {
      managed,
      promotions,
      line,
      identity,
      otherMachine: machine === undefined ? undefined : otherMachine(machine, this.#machine),
      addressHere: ownAddress === undefined || this.#deps.hasAddress(ownAddress),
    };
  }

  /** What differs from the chassis in which this node was known last, a phrase; undefined in that one. */
  otherChassis(): string | undefined {
    const was = this.#kept.machine?.chassis;
    const now = this.#machine.chassis;
    return was === undefined || now === undefined ? undefined : otherChassis(was, now);
  }

  async recordPromotion(token: number, fromTimeline: number): Promise<Result<undefined>> {
    return this.#write(withPromotion(this.#kept, token, fromTimeline));
  }

  async recordLine({ token, timeline }: WalLine): Promise<Result<undefined>> {
    return this.#write(withLine(this.#kept, { token, timeline }));
  }

  async recordManaged(identity: string | undefined): Promise<Result<undefined>> {
    const { managed, machine = this.#machine } = this.#kept;
    if (managed && this.#kept.identity === identity && this.#kept.machine !== undefined) return done;
    return this.#write({ ...this.#kept, managed: true, identity: this.#kept.identity ?? identity, machine });
  }

  /** A version that did not look at chassis has set this node up: this one is the first that is known, unless it is another machine. */
  noteChassis(): Result<undefined> {
    const { machine } = this.#kept;
    const { chassis } = this.#machine;
    if (machine === undefined || machine.chassis !== undefined || chassis === undefined) return done;
    if (otherMachine(machine, this.#machine) !== undefined) return done;
    return this.#write({ ...this.#kept, machine: { ...machine, chassis } });
  }

  async acceptMachine(): Promise<Result<undefined>> {
    return this.#write({ ...this.#kept, machine: this.#machine });
  }

  #write(kept: Kept): Result<undefined> {
    const written = writeDurably(this.#file, `${JSON.stringify(kept)}\n`);
    if (written.ok) this.#kept = kept;
    return written;
  }
}

/** An unreadable file counts as that of a managed node: cleaning up too much is safe, too little is not. */
function parse(text: string | undefined): Kept {
  if (text === undefined) return { managed: false, promotions: [] };
  try {
    const read = keptSchema.safeParse(JSON.parse(text));
    if (read.success) return read.data;
  } catch {
    // Falls through to the cautious answer.
  }
  return { managed: true, promotions: [] };
}
