/** What a port said when it was asked, or why it could not say. A failed reading is a value, never an exception. */
export type Reading<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly reason: string };

export const known = <T>(value: T): Reading<T> => ({ known: true, value });

export const unknown = <T>(reason: string): Reading<T> => ({ known: false, reason });

/** The value of a reading, or undefined when it is not known. */
export const readValue = <T>(reading: Reading<T>): T | undefined =>
  reading.known ? reading.value : undefined;
