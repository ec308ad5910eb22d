import type { Result } from '@hamn/core';
import { childrenOf, descend, readXml, type XmlElement } from '@hamn/xml';

/** A CIB of hundreds of resources has some 100 kB, and ten levels. */
export const readCibXml = (text: string, file: string): Result<XmlElement, 'bad-xml'> =>
  readXml(text, file, { longest: 4_000_000, deepest: 32, isStrict: true });

export const idOf = ({ attributes }: XmlElement): string => attributes['id'] ?? '';

/** How a person finds it in the file. */
export const placeOf = ({ name, attributes }: XmlElement): string =>
  attributes['id'] === undefined ? `<${name}>` : `<${name} id="${attributes['id']}">`;

/** The `nvpair`s in all sets of this name (`instance_attributes`, `meta_attributes`, ...); rules are not looked at. */
export const pairsOf = (element: XmlElement, set: string): ReadonlyMap<string, string> =>
  new Map(
    descend(element, set, 'nvpair').map(({ attributes }) => [
      attributes['name'] ?? '',
      attributes['value'] ?? '',
    ]),
  );

export const operationsOf = (primitive: XmlElement): readonly XmlElement[] =>
  descend(primitive, 'operations', 'op');

export const hasRule = (set: XmlElement): boolean => childrenOf(set, 'rule').length > 0;

export const isTrue = (text: string | undefined): boolean =>
  ['true', 'on', 'yes', 'y', '1'].includes(text?.toLowerCase() ?? '');

export const isInfinite = (score: string | undefined): boolean => /^\+?INFINITY$/i.test(score ?? '');

/** An option of an agent whose value nobody else may see. */
export const isSecret = (option: string): boolean =>
  /passw|secret|community|token|api_?key|hexadecimal_kg/i.test(option) &&
  !/(_script|_file|_path)$/i.test(option);
