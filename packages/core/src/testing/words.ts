/** One line of a scenario: plain words in their order, and `key=value` words by name. A value with spaces is quoted: key="a b". */
export interface Words {
  readonly line: string;
  readonly plain: readonly string[];
  readonly named: ReadonlyMap<string, string>;
}

export function readWords(line: string): Words {
  const plain: string[] = [];
  const named = new Map<string, string>();
  for (const [, key, quoted, value] of line.matchAll(/(?:([\w-]+)=)?(?:"([^"]*)"|(\S+))/g)) {
    const text = quoted ?? value ?? '';
    if (key === undefined) plain.push(text);
    else named.set(key, text);
  }
  return { line, plain, named };
}

/** The plain word at `index`; a scenario that leaves it out is wrong. */
export function wordAt(words: Words, index: number): string {
  const word = words.plain[index];
  if (word === undefined) throw new Error(`'${words.line}' lacks its word ${index + 1}.`);
  return word;
}

export function numberOf(words: Words, key: string, fallback: number): number {
  const text = words.named.get(key);
  return text === undefined ? fallback : toNumber(text, words.line);
}

export function toNumber(text: string, place: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`'${text}' in '${place}' is not a number.`);
  return value;
}

/** `a,b` as a list; `-` is the empty one. */
export const listOf = (text: string): readonly string[] =>
  text === '-' || text === '' ? [] : text.split(',');

export const unknownWord = (words: Words): never => {
  throw new Error(`'${words.line}' is no line that a scenario knows.`);
};
