import type { Process } from './process.ts';

/**
 * A call by `caller` that ends with the reply or, after `limitMs` of the world, with `late`. `send` gets the function that takes the reply,
 * to be called while the caller runs.
 */
export function request<T>(
  caller: Process,
  limitMs: number,
  late: () => T,
  send: (reply: (value: T) => void) => void,
): Promise<T> {
  return new Promise((resolve) => {
    let open = true;
    const settle = (value: T): void => {
      if (!open) return;
      open = false;
      cancel();
      resolve(value);
    };
    const cancel = caller.in(limitMs, () => settle(late()));
    send(settle);
  });
}
