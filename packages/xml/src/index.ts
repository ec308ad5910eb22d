export { childrenOf, descend, type XmlElement } from './element.ts';
export { readXml, type XmlRules } from './read-xml.ts';
