import { exitCodeMeanings, exitCodes } from '@hamn/cli';
import { generatedFrom, type Page, page, table } from './page.ts';

export function exitCodePages(): readonly Page[] {
  const rows = Object.entries(exitCodeMeanings).map(([name, meaning]) => [
    String(exitCodes[name as keyof typeof exitCodes]),
    name,
    meaning,
  ]);
  return [
    page(
      'reference/exit-codes.md',
      '# Exit codes of hamnctl',
      generatedFrom('packages/cli/src/exit-codes.ts'),
      'What went wrong is said on standard error in full sentences; standard output is for data.',
      table(['code', 'name', 'meaning'], rows),
    ),
  ];
}
