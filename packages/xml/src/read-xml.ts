import { fail, ok, type Result } from '@hamn/core';
import { DOMParser, type Element, type Node } from '@xmldom/xmldom';
import type { XmlElement } from './element.ts';

export interface XmlRules {
  /** Longer texts are not read. UTF-16 units. */
  readonly longest: number;
  /** Deeper elements are not read. */
  readonly deepest: number;
  /**
   * Whatever is not quite right is refused, and a document type, too. Else only what cannot be read at all: programs write texts into it that are not
   * escaped well. Entities that a document type declares are not expanded, and nothing is fetched, in either case.
   */
  readonly isStrict: boolean;
}

/** The root element. Never throws. Errors: `bad-xml`, a sentence that begins with `name` and the place where it is known. */
export function readXml(text: string, name: string, rules: XmlRules): Result<XmlElement, 'bad-xml'> {
  const { longest, deepest, isStrict } = rules;
  if (text.length > longest)
    return fail('bad-xml', `${name} has ${text.length} characters; more than ${longest} are not read.`);
  let first: string | undefined;
  const parser = new DOMParser({
    onError: (level, message, context: unknown) => {
      if (level !== 'fatalError' && !isStrict) return;
      first ??= `${name}${placeOf(context)}: This is not well-formed XML: ${message}`;
      throw new Error(message);
    },
  });
  try {
    const { doctype, documentElement: root } = parser.parseFromString(
      isStrict ? text : text.trimStart(),
      'text/xml',
    );
    if (doctype !== null && isStrict)
      return fail('bad-xml', `${name}${placeOf({ locator: doctype })}: A document type is not accepted.`);
    if (root === null) return fail('bad-xml', `${name} has no element.`);
    const element = elementOf(root, deepest);
    return element === undefined
      ? fail('bad-xml', `${name} has elements more than ${deepest} levels deep.`)
      : ok(element);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fail('bad-xml', first ?? `${name}: This is not well-formed XML: ${why}`);
  }
}

/** Undefined where it is deeper than that. */
function elementOf(element: Element, deepest: number): XmlElement | undefined {
  if (deepest === 0) return undefined;
  const children: XmlElement[] = [];
  let text = '';
  for (let node: Node | null = element.firstChild; node !== null; node = node.nextSibling) {
    if (isElement(node)) {
      const child = elementOf(node, deepest - 1);
      if (child === undefined) return undefined;
      children.push(child);
      text += child.text;
    } else if (node.nodeType === node.TEXT_NODE || node.nodeType === node.CDATA_SECTION_NODE)
      text += node.nodeValue ?? '';
  }
  const attributes = Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  return { name: element.nodeName, attributes, children, text };
}

const isElement = (node: Node): node is Element => node.nodeType === node.ELEMENT_NODE;

/** `:3:14`, where the parser says it. */
function placeOf(context: unknown): string {
  if (typeof context !== 'object' || context === null || !('locator' in context)) return '';
  const { locator } = context;
  if (typeof locator !== 'object' || locator === null || !('lineNumber' in locator)) return '';
  const column = 'columnNumber' in locator ? `:${String(locator.columnNumber)}` : '';
  return `:${String(locator.lineNumber)}${column}`;
}
