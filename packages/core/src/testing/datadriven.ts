/**
 * Text scenarios: a file is a story of commands, each with what it printed. `UPDATE=1 npx vitest run` writes the outputs anew, so that a
 * change of behaviour shows as a change of text. The form is that of CockroachDB's `datadriven`:
 *
 *     # Comments tell the story.
 *     command words key=value
 *     lines of input
 *     ----
 *     lines of output
 *
 * A block ends with an empty line. What stands between blocks (comments, empty lines) is kept as it is.
 */
export interface Block {
  /** Comments and empty lines before the command. */
  readonly before: readonly string[];
  readonly command: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  /** The line of the command, from 1. */
  readonly line: number;
}

export interface Script {
  readonly blocks: readonly Block[];
  readonly tail: readonly string[];
}

const separator = '----';
const isBetween = (line: string): boolean => line.trim() === '' || line.startsWith('#');

/** Throws when a command has no `----`: a scenario that is never compared must not look like one that passed. */
export function parseScript(text: string): Script {
  const lines = text.replace(/\n$/, '').split('\n');
  const blocks: Block[] = [];
  let before: string[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (isBetween(line)) {
      before.push(line);
      at += 1;
      continue;
    }
    const command = at;
    const rule = lines.indexOf(separator, at);
    if (rule === -1 || lines.slice(at, rule).some((inner) => inner === ''))
      throw new Error(`Line ${at + 1}: the command '${line}' is not followed by '${separator}'.`);
    const end = lines.indexOf('', rule);
    const stop = end === -1 ? lines.length : end;
    blocks.push({
      before,
      command: line,
      input: lines.slice(command + 1, rule),
      output: lines.slice(rule + 1, stop),
      line: command + 1,
    });
    before = [];
    at = stop;
  }
  return { blocks, tail: before };
}

/** The file's text with the outputs that `run` gives now. */
export function runScript(script: Script, run: (block: Block) => readonly string[]): string {
  const out: string[] = [];
  for (const block of script.blocks) {
    out.push(...block.before, block.command, ...block.input, separator, ...printed(block, run));
  }
  return `${[...out, ...script.tail].join('\n').replace(/\n+$/, '')}\n`;
}

function printed(block: Block, run: (block: Block) => readonly string[]): readonly string[] {
  try {
    return run(block).filter((line) => line !== '');
  } catch (error) {
    throw new Error(
      `Line ${block.line} ('${block.command}'): ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
