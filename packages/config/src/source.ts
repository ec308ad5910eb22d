import { isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';
import { type ConfigIssue, type ConfigPath, inOrder } from './issues.ts';

/** A YAML text that was read, and where each thing in it stands. */
export interface Source {
  readonly data: unknown;
  /** The place of what stands at `path`, or of the nearest thing above it that exists. */
  place(path: ConfigPath, of?: 'key' | 'value'): { readonly line: number; readonly column: number };
}

/** Ours for the errors that admins meet; the parser's own words for the rest. */
const sentences: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'This key stands here for the second time in its map. Remove one of the two.',
  TAB_AS_INDENT: 'YAML does not allow tabs for indentation. Use spaces.',
  MULTIPLE_DOCS: 'There is a second YAML document (---) in this file. Only one is allowed.',
};

/** Far beyond the settings of any cluster; parsing more would keep hamnd from its renewals. */
const longestText = 65_536;
const deepestNesting = 64;
/** Of a text that is no YAML at all; nobody reads more. */
const mostErrors = 50;

/** Reads one YAML document. Errors are issues with line and column. */
export function readSource(
  text: string,
): { readonly ok: true; readonly value: Source } | { readonly ok: false; readonly issues: ConfigIssue[] } {
  const excess = excessOf(text);
  if (excess !== undefined) return { ok: false, issues: [excess] };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: true,
  });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const issue = (offset: number, message: string): ConfigIssue => ({
    severity: 'error',
    path: [],
    ...at(offset),
    value: undefined,
    message,
  });
  if (document.errors.length > 0) {
    const all = document.errors
      .slice(0, mostErrors)
      .map((error) => issue(error.pos[0], sentences[error.code] ?? `This is not YAML: ${error.message}.`));
    return { ok: false, issues: [...inOrder(all)] };
  }
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    return { ok: false, issues: [issue(0, 'The file is empty: nothing is set.')] };
  if (!isMap(document.contents))
    return {
      ok: false,
      issues: [issue(0, "The file must be a map of settings ('name: value' lines) at its top.")],
    };
  return readData(document.contents, () => document.toJS({ maxAliasCount: 20 }), at, issue);
}

/** What the parser is spared: it recurses, and takes seconds for some kilobytes of brackets. */
function excessOf(text: string): ConfigIssue | undefined {
  const issue = (line: number, message: string): ConfigIssue => ({
    severity: 'error',
    path: [],
    line,
    column: 1,
    value: undefined,
    message,
  });
  if (text.length > longestText)
    return issue(1, `The file has ${text.length} characters; more than ${longestText} are not read.`);
  let depth = 0;
  for (const [index, line] of text.split('\n').entries()) {
    for (const [bracket] of line.matchAll(/[[\]{}]/g)) {
      depth = '[{'.includes(bracket) ? depth + 1 : Math.max(0, depth - 1);
      if (depth > deepestNesting) return issue(index + 1, nestedTooDeep);
    }
    if (compactNesting.test(line)) return issue(index + 1, nestedTooDeep);
  }
  return undefined;
}

const nestedTooDeep = `Lists and maps are nested more than ${deepestNesting} levels deep here.`;
/** `- - - x`: a list in a list in a list on one line. */
const compactNesting = new RegExp(`(?:[-?:][ \\t]+){${deepestNesting}}`);

function readData(
  contents: ParsedNode,
  toJs: () => unknown,
  at: (offset: number) => { line: number; column: number },
  issue: (offset: number, message: string) => ConfigIssue,
): ReturnType<typeof readSource> {
  try {
    const data = toJs();
    return { ok: true, value: { data, place: (path, of = 'value') => at(offsetOf(contents, path, of)) } };
  } catch (error) {
    // The YAML library throws for aliases without an anchor and for aliases that would grow without bound.
    return {
      ok: false,
      issues: [issue(0, `The YAML aliases cannot be resolved: ${String(error)}. Write the values out.`)],
    };
  }
}

function offsetOf(top: Node, path: ConfigPath, of: 'key' | 'value'): number {
  let node: Node | null | undefined = top;
  let offset = 0;
  for (const [depth, part] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (pair === undefined) return offset;
      const keyOffset = startOf(pair.key as Node | null) ?? offset;
      node = pair.value as Node | null;
      offset = last && of === 'key' ? keyOffset : (startOf(node) ?? keyOffset);
      // A map below its key begins on the next line; the key is the place that a person looks for.
      if (last && (isMap(node) || isSeq(node))) offset = keyOffset;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part] as Node | undefined;
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

const startOf = (node: Node | null | undefined): number | undefined => node?.range?.[0];

/** What stands at `path` in the data. */
export function valueAt(data: unknown, path: ConfigPath): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return value;
}
