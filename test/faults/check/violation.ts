/** A promise that was broken, in one sentence. */
export interface Violation {
  readonly kind: 'lost' | 'divergent' | 'dual-ack' | 'dual-vip' | 'away' | 'blind';
  readonly text: string;
}
