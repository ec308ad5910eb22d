import type { ModelRun } from './run.ts';

const short = ['NO_RELEASE', 'NO_RETAKE'];

const planted = (name: string, about: string, ...defines: readonly string[]): ModelRun => ({
  name,
  about,
  defines,
  expect: 'caught',
  search: 'breadth',
});

const clean = (name: string, about: string, ...defines: readonly string[]): ModelRun => ({
  name,
  about,
  defines,
  expect: 'clean',
});

/** What CI runs. */
export const smallRuns: readonly ModelRun[] = [
  clean('release', 'Two nodes, hand-over and take back.', 'N=2', 'MAXTX=3', 'NO_RESTART', 'NO_PROMISE'),
  planted(
    'deadline-from-reply',
    'The deadline counts from the reply.',
    'N=2',
    'MAXTX=1',
    ...short,
    'BUG_REPLYTIME',
  ),
  planted(
    'take-without-compare',
    'A take compares the leader only.',
    'N=2',
    'MAXTX=1',
    ...short,
    'BUG_NOCOMPARE',
  ),
  planted('no-guard', 'Nobody acts for a hamnd that hangs.', 'N=2', 'MAXTX=1', ...short, 'BUG_NOGUARD'),
  planted(
    'one-promise',
    'One promise is enough.',
    'N=3',
    'MAXTX=1',
    ...short,
    'NO_RESTART',
    'BUG_ONEPROMISE',
  ),
  planted('join-unheard', 'A joiner is not asked.', 'N=3', 'MAXTX=1', ...short, 'NO_RESTART', 'BUG_JOIN'),
  planted(
    'promise-not-kept',
    'A promise does not bind.',
    'N=2',
    'MAXTX=1',
    ...short,
    'NO_RESTART',
    'BUG_NOPROMISEWAIT',
  ),
  planted(
    'restart-without-wait',
    'A restarted candidate does not wait.',
    'N=2',
    'MAXTX=1',
    ...short,
    'BUG_RESTART',
  ),
  planted('wait-from-start', 'It waits from its start only.', 'N=2', 'MAXTX=1', ...short, 'BUG_STARTOR'),
  planted(
    'late-release',
    'A release compares the create-revision.',
    'N=2',
    'MAXTX=3',
    'NO_RESTART',
    'NO_PROMISE',
    'BUG_CREATEREV',
  ),
  planted(
    'drift',
    'A clock drifts by more than the margin.',
    'N=2',
    'MAXTX=1',
    ...short,
    'NO_RESTART',
    'TC=2',
  ),
];

/** What is run by hand: larger bounds. */
export const largeRuns: readonly ModelRun[] = [
  clean('two-nodes', 'Two nodes, three takes.', 'N=2', 'MAXTX=3'),
];
