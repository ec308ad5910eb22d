import { childrenOf, readXml, type XmlElement } from '@hamn/xml';

/** The root element of what an agent says, or undefined when it is no XML. Never throws. */
export function rootOf(text: string): XmlElement | undefined {
  const root = readXml(text, 'Its answer', { longest: 2_000_000, deepest: 32, isStrict: false });
  return root.ok ? root.value : undefined;
}

/** An attribute without the blanks around it; undefined when it is not there. */
export const attributeOf = (element: XmlElement | undefined, name: string): string | undefined =>
  element?.attributes[name]?.trim();

/** The English text of a description, else its first one, with blanks and ends of lines put together. */
export function describedBy(element: XmlElement, name: 'shortdesc' | 'longdesc'): string {
  const texts = childrenOf(element, name);
  const english = texts.find((text) => attributeOf(text, 'lang')?.startsWith('en') ?? true);
  const paragraphs = ((english ?? texts[0])?.text ?? '').split(/\n\s*\n/);
  return paragraphs
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .filter((paragraph) => paragraph !== '')
    .join('\n');
}
