import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childrenOf, descend } from './element.ts';
import { readXml, type XmlRules } from './read-xml.ts';

const strict: XmlRules = { longest: 100_000, deepest: 8, isStrict: true };
const lenient: XmlRules = { ...strict, isStrict: false };
const bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>\n<a>&c;</a>';

describe('the reader of XML', () => {
  it('gives elements, attributes and texts', () => {
    const read = readXml(
      '<a x="1 &amp; 2"> one<b y="2"/><c><b>, </b></c><![CDATA[<two>]]></a>',
      'it',
      strict,
    );
    if (!read.ok) throw new Error(read.error.message);
    expect(read.value).toMatchObject({ name: 'a', attributes: { x: '1 & 2' }, text: ' one, <two>' });
    expect(childrenOf(read.value, 'b', 'c').map(({ name }) => name)).toEqual(['b', 'c']);
    expect(descend(read.value, 'c', 'b')).toHaveLength(1);
  });

  it.each([
    ['<a><b></a>', 'it:1:4: This is not well-formed XML'],
    ['<a>\n<b x=1/></a>', 'it:2:'],
    [bomb, 'it:'],
    ['<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 'it:1:1: A document type is not accepted.'],
    ['<a>&undeclared;</a>', 'entity not found'],
    [`<a>${' '.repeat(100_000)}</a>`, 'it has 100007 characters; more than 100000 are not read.'],
    [`${'<a>'.repeat(9)}${'</a>'.repeat(9)}`, 'it has elements more than 8 levels deep.'],
    [`${'<a b="/>">'.repeat(9000)}${'</a>'.repeat(9000)}`.slice(0, 99_000), 'it'],
    ['', 'it'],
    ['words', 'it'],
  ])('refuses %j', (text, why) => {
    const read = readXml(text, 'it', strict);
    expect(read.ok ? '' : read.error.message).toContain(why);
  });

  it('bears what programs write, and expands nothing of it', () => {
    expect(readXml('<!DOCTYPE a SYSTEM "ra-api-1.dtd">\n<a>R&D</a>', 'it', lenient).ok).toBe(true);
    const read = readXml(bomb, 'it', lenient);
    expect(read.ok && read.value.text).toBe('&c;');
  });

  it('is deep for a long text within its time', () => {
    const deep = `${'<a>'.repeat(14_000)}${'</a>'.repeat(14_000)}`;
    expect(readXml(deep, 'it', strict).ok).toBe(false);
  });

  it('never throws', () => {
    const parts = fc.constantFrom(
      '<a>',
      '</a>',
      '<a b="',
      '">',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '&',
      '<?',
    );
    const text = fc.array(fc.oneof(parts, fc.string())).map((all) => all.join(''));
    fc.assert(
      fc.property(text, fc.boolean(), (xml, isStrict) => {
        const read = readXml(xml, 'it', { ...strict, isStrict });
        if (!read.ok) expect(read.error.message).toMatch(/^it/);
      }),
    );
  });
});
