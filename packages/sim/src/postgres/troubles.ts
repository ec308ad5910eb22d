/** What is wrong with one server; 0 is nothing. */
export interface PostgresTroubles {
  slowPromotionMs: number;
  failPromotions: number;
  slowStartMs: number;
  failStarts: number;
  slowStopMs: number;
  failCopies: number;
  notProven: number;
  /** A standby's disk: how long it takes to flush what it has received. */
  slowFlushMs: number;
  /** How much longer a clone of this node takes. */
  slowCopyMs: number;
  /** It dies so long after it has come up, again and again. */
  dieAfterMs: number;
  /** A crash leaves so much WAL to replay: bytes, beside those that the model itself writes. */
  crashWalBytes: number;
  /** All its connections are in use: nobody new gets in, and who is in goes on. */
  noConnections: number;
  /** No byte is left: it dies at its next write, and does not start. */
  full: number;
}

export const noPostgresTroubles = (): PostgresTroubles => ({
  slowPromotionMs: 0,
  failPromotions: 0,
  slowStartMs: 0,
  failStarts: 0,
  slowStopMs: 0,
  failCopies: 0,
  notProven: 0,
  slowFlushMs: 0,
  slowCopyMs: 0,
  dieAfterMs: 0,
  crashWalBytes: 0,
  noConnections: 0,
  full: 0,
});
