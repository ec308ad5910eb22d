/** What happened and why, for people and programs. */
export interface JournalEvent {
  /** A stable name: `term.taken`, `postgres.promote`, `vip.duplicate` ... */
  readonly event: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** One full sentence. */
  readonly message: string;
  /** The rule that decided it, when one did. */
  readonly rule?: string | undefined;
  readonly fields?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

export interface JournalPort {
  write(event: JournalEvent): void;
}
