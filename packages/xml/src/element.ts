/** An element with what stands in it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text in it, that of the elements below, too, as it stands there. */
  readonly text: string;
}

/** Elements of these names that stand directly in it. */
export const childrenOf = (
  element: XmlElement | undefined,
  ...names: readonly string[]
): readonly XmlElement[] => element?.children.filter((child) => names.includes(child.name)) ?? [];

/** The elements at a path: `descend(root, 'actions', 'action')`. */
export const descend = (element: XmlElement, ...path: readonly string[]): readonly XmlElement[] =>
  path.reduce<readonly XmlElement[]>((all, name) => all.flatMap((one) => childrenOf(one, name)), [element]);
