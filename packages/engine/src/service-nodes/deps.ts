import type { ClockPort } from '../ports/clock.ts';
import type { JournalPort } from '../ports/journal.ts';
import type { ServiceNodesPort } from '../ports/service-nodes.ts';
import type { StorePort } from '../ports/store.ts';

/** The term as this node has it. */
export interface TermHere {
  /** Of the term that this node holds; undefined when it holds none. */
  token(): number | undefined;
  /** Asked immediately before each act. */
  mayAct(token: number): boolean;
}

export const termHere = (driver: {
  view(): { readonly hold?: { readonly token: number } | undefined };
  mayAct(token: number): boolean;
}): TermHere => ({
  token: () => driver.view().hold?.token,
  mayAct: (token) => driver.mayAct(token),
});

export interface ServiceNodesDeps {
  readonly clock: ClockPort;
  readonly store: StorePort;
  readonly journal: JournalPort;
  readonly port: ServiceNodesPort;
  readonly term: TermHere;
}
