import { DOMParser, type Element } from '@xmldom/xmldom';

/** The root element of a text, or undefined when it is no XML. Never throws. */
export function rootOf(text: string): Element | undefined {
  try {
    // Agents write texts into it that are not escaped well; what is not fatal does not matter here.
    const parser = new DOMParser({ onError: (level) => level !== 'fatalError' });
    return parser.parseFromString(text.trimStart(), 'text/xml').documentElement ?? undefined;
  } catch {
    return undefined;
  }
}

/** The elements of one name directly below another one. */
export function childrenOf(parent: Element | undefined, name: string): readonly Element[] {
  const found: Element[] = [];
  for (let node = parent?.firstChild ?? null; node !== null; node = node.nextSibling)
    if (node.nodeType === 1 && node.nodeName === name) found.push(node as Element);
  return found;
}

/** An attribute without the blanks around it; undefined when it is not there. */
export const attributeOf = (element: Element | undefined, name: string): string | undefined =>
  element?.getAttribute(name)?.trim() ?? undefined;

/** The English text of a description, else its first one, with blanks and ends of lines put together. */
export function describedBy(element: Element, name: 'shortdesc' | 'longdesc'): string {
  const texts = childrenOf(element, name);
  const english = texts.find((text) => attributeOf(text, 'lang')?.startsWith('en') ?? true);
  const paragraphs = ((english ?? texts[0])?.textContent ?? '').split(/\n\s*\n/);
  return paragraphs
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .filter((paragraph) => paragraph !== '')
    .join('\n');
}
