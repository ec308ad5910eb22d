import type { HandoverSettings } from '../../settings.ts';
import type { Facts } from '../facts.ts';

/** How long the whole may take before the database is stopped; resources have their own limits inside. */
export const prepareMs = 120_000;

/** What a hand-over holds to where the settings say nothing else. */
export const defaultHandover: HandoverSettings = {
  maxLagBytes: 1_048_576,
  catchUpMs: 30_000,
  stopMs: 10_000,
};

export const handoverLimits = ({ pgSettings }: Facts): HandoverSettings =>
  pgSettings?.handover ?? defaultHandover;
