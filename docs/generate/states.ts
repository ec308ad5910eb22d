import { readdirSync, readFileSync } from 'node:fs';
import { type Band, type Rule, rules } from '@hamn/core';
import { generatedFrom, type Page, page, table } from './page.ts';

const folder = new URL('../../packages/core/testdata/decide/', import.meta.url);

const bands: readonly { readonly band: Band; readonly text: string }[] = [
  {
    band: 'safety',
    text: 'Tried first, in this order. A match ends the tick: nothing else is decided before it is mended.',
  },
  { band: 'role', text: 'Then these; the first one that matches counts, the others are not tried.' },
  { band: 'upkeep', text: 'Then these; all that match apply.' },
];

/** Transcripts in which the rule applies. */
function scenariosOf(rule: Rule, files: ReadonlyMap<string, string>): string {
  const found = [...files].filter(([, text]) => text.includes(`\n${rule.band} ${rule.id}: `));
  return found.map(([name]) => `[${name}](../packages/core/testdata/decide/${name})`).join(', ');
}

/** The rule table, in the order in which it is tried. */
export function statePages(): readonly Page[] {
  const names = readdirSync(folder).sort();
  const files = new Map(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
  const parts = bands.flatMap(({ band, text }) => {
    const rows = rules
      .filter((rule) => rule.band === band)
      .map((rule) => [`\`${rule.id}\``, rule.because, scenariosOf(rule, files)]);
    return [`## ${band}`, text, table(['rule', 'because', 'scenarios'], rows)];
  });
  const intro =
    'What a node does is decided by this table, anew at every tick, from what was observed. `hamnctl explain` and the journal name the ' +
    'rules that matched, each with its reason at that moment. The scenarios are transcripts: what was observed, what matched, what was to ' +
    'be done. How the term itself is taken, renewed and lost is not in the table but in ' +
    '[its own transcripts](../packages/core/testdata/term).';
  const source = generatedFrom('packages/core/src/decide/rules');
  return [page('states.md', '# The rule table', source, intro, ...parts)];
}
