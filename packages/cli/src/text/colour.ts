/** Colour as a help, never as the only sign: every text says the same without it. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
}

const wrap =
  (on: boolean, start: number, end: number) =>
  (text: string): string =>
    on && text !== '' ? `\u001b[${start}m${text}\u001b[${end}m` : text;

/** SGR codes of ECMA-48, chapter 8.3.117. */
export const paint = (color: boolean): Paint => ({
  bold: wrap(color, 1, 22),
  dim: wrap(color, 2, 22),
  red: wrap(color, 31, 39),
  yellow: wrap(color, 33, 39),
  green: wrap(color, 32, 39),
});
