import { limits, monitor, type ResourceTraits, seconds, serviceTraits } from './traits.ts';

/**
 * A file that is made of a template, otherwise on the primary than elsewhere: a dhcpd that runs on every node has its dynamic range on the primary
 * only. It is made anew with each change of the role.
 */
export interface TemplateResource {
  readonly kind: 'template';
  /** Stands on each node. */
  readonly template: string;
  /** What is made of it. */
  readonly file: string;
  /** What the template may name beside the node, the group and the role. */
  readonly values: Readonly<Record<string, string>>;
  /** What is another value on one node, by its name. */
  readonly valuesOf: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The program that tells whoever reads the file, with its arguments; undefined: nobody is told. */
  readonly changed: readonly string[] | undefined;
}

/** What serves on the primary starts after it, for it reads the file. */
export const templateTraits = (_: TemplateResource): ResourceTraits => ({
  ...serviceTraits,
  layer: 'storage',
  defaults: {
    limits: limits({
      startMs: seconds(20),
      stopMs: seconds(5),
      promoteMs: seconds(20),
      demoteMs: seconds(20),
    }),
    monitor: monitor({ confirm: 1 }),
  },
  promotable: true,
  demotable: true,
  escalation: ['report'],
});

/** By what the file says, the node is the primary. Whoever reads it believes that. */
export const saysPrimary = ({ kind }: { readonly kind: string }): boolean =>
  kind === 'marker' || kind === 'template';
