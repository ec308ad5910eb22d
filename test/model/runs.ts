import type { ModelRun } from './run.ts';

const run =
  (expect: ModelRun['expect']) =>
  (name: string, about: string, defines: string): ModelRun => ({
    name,
    about,
    defines: defines.split(' '),
    expect,
  });
const clean = run('clean');
const caught = run('caught');
const reached = run('reached');

const term = 'PROMISES MINE RESTART HANDOVER';
const joining = 'PROMISES MINE RESTART ELECTORATE ELECTORATE_AT_START=1';
const dropping = 'PROMISES MINE RESTART ELECTORATE ELECTORATE_AT_START=3';
const power = 'PROMISES MINE RESTART HANDOVER POWER FENCING';
const outsider = 'PROMISES MINE POWER FENCING ELECTORATE ELECTORATE_AT_START=1';

const cleanRuns: readonly ModelRun[] = [
  clean('term', 'Two nodes: take, settle, promise, restart, resume, hand-over.', `${term} MAXTAKES=3`),
  clean('frozen', 'And whole nodes freeze, their guards too.', `${term} FREEZE MAXTAKES=2`),
  clean('three-nodes', 'Three nodes, two of them candidates.', 'N=3 PROMISES MINE RESTART MAXTAKES=1'),
  clean('three-nodes-hand-over', 'A hand-over among three.', 'N=3 PROMISES MINE HANDOVER MAXTAKES=1'),
  clean(
    'joining',
    'A node joins and is dropped; the holder’s hamnd restarts.',
    `${joining} MAXCHANGES=2 MAXTAKES=1`,
  ),
  clean('dropping', 'A node is dropped; the holder’s hamnd restarts.', `${dropping} MAXCHANGES=1 MAXTAKES=1`),
  clean('fencing', 'A holder is fenced or loses its power, and boots again.', `${power} MAXTAKES=2`),
  clean(
    'fencing-by-outsider',
    'A node outside the electorate fences and takes.',
    `${outsider} MAXCHANGES=1 MAXTAKES=1`,
  ),
];

/** What one would take for a bug, and is none for I1: kept so that nobody has to think it through again. */
const harmlessRuns: readonly ModelRun[] = [
  clean('no-settle', 'An unknown outcome of a take is taken for a failure.', `${term} NO_SETTLE`),
  clean(
    'promise-while-taking',
    'A node promises while its take is unsettled.',
    `${term} PROMISE_WHILE_TAKING`,
  ),
  clean('claim-not-compared', 'A claim does not kill an earlier take.', `${term} CLAIM_NOT_COMPARED`),
];

const reachedRuns: readonly ModelRun[] = [
  reached('reach-released', 'A released term is taken.', `${term} REACH=RELEASED`),
  reached('reach-fall-open', 'A released term is taken by another after T.', `${term} REACH=FALL_OPEN`),
  reached('reach-taken-back', 'A released term is taken back.', `${term} REACH=TAKEN_BACK`),
  reached('reach-mine', 'A node takes its own term again.', `${term} REACH=MINE_AGAIN`),
  reached('reach-settled', 'A settle finds that the take was committed.', `${term} REACH=SETTLED_AS_TAKEN`),
  reached('reach-joined', 'A node has joined.', `${joining} REACH=CHANGED`),
  reached('reach-dropped', 'A node was dropped.', `${dropping} REACH=DROPPED`),
  reached('reach-resumed', 'Promises count again after a resume.', `${joining} REACH=RESUMED`),
  reached('reach-fenced', 'An elector takes after a fence.', `${power} REACH=FENCED`),
  reached(
    'reach-fenced-by-outsider',
    'An outsider takes after a fence.',
    `${outsider} REACH=FENCED_BY_OUTSIDER`,
  ),
];

/** Each is a bug that somebody could write, or did. */
const plantedRuns: readonly ModelRun[] = [
  caught('deadline-from-reply', 'The deadline counts from the answer.', `${term} DEADLINE_FROM_REPLY`),
  caught('late-reply-revives', 'An answer after the deadline moves it.', `${term} FREEZE LATE_REPLY_REVIVES`),
  caught('guard-never-acts', 'Nobody acts for a hamnd that is gone.', `${term} GUARD_NEVER_ACTS`),
  caught('drift-above-margin', 'Clocks differ by more than the margin.', `${term} DRIFT_ABOVE_MARGIN`),
  caught('lease-is-permission', 'The end of a lease in etcd permits to take.', `${term} LEASE_IS_PERMISSION`),
  caught(
    'heartbeat-not-compared',
    'A take does not compare the heartbeat.',
    `${term} HEARTBEAT_NOT_COMPARED`,
  ),
  caught('state-not-compared', 'A take does not compare the electorate.', `${dropping} STATE_NOT_COMPARED`),
  caught('promise-forgotten', 'A promise does not bind.', `${term} PROMISE_FORGOTTEN`),
  caught('one-promise-suffices', 'A round counts with one yes.', 'N=3 PROMISES MINE ONE_PROMISE_SUFFICES'),
  caught(
    'promise-counted-again',
    'A promise counts in later rounds as well.',
    `${term} PROMISE_COUNTED_AGAIN`,
  ),
  caught('restart-without-wait', 'A restarted candidate does not wait.', `${term} RESTART_WITHOUT_WAIT`),
  caught('wait-from-start', 'It waits from its start, not from what it receives.', `${term} WAIT_FROM_START`),
  caught(
    'settle-by-name',
    'A settle looks at the holder’s name, not at the nonce.',
    `${term} SETTLE_BY_NAME`,
  ),
  caught(
    'unknown-take-is-success',
    'An unknown outcome of a take is taken for a success.',
    `${term} UNKNOWN_TAKE_IS_SUCCESS`,
  ),
  caught(
    'released-before-harmless',
    'The term is released before the node is harmless.',
    `${term} RELEASED_BEFORE_HARMLESS`,
  ),
  caught('late-release', 'A release compares the create-revision of the leader key.', `${term} LATE_RELEASE`),
  caught(
    'join-before-promise',
    'A joiner is written down without its promise.',
    `${joining} JOIN_BEFORE_PROMISE`,
  ),
  caught(
    'join-by-any-promise',
    'Any promise of a joiner counts, not only its newest.',
    `${joining} JOIN_BY_ANY_PROMISE`,
  ),
  caught(
    'join-needed-after-ok',
    'A joiner is needed only after the answer.',
    `${joining} JOIN_NEEDED_AFTER_OK`,
  ),
  caught(
    'elector-gone-before-ok',
    'A dropped node is not needed from the sending on.',
    `${dropping} ELECTOR_GONE_BEFORE_OK`,
  ),
  caught(
    'state-without-compare',
    'A write of the electorate does not compare its revision.',
    `${joining} MAXCHANGES=2 STATE_WITHOUT_COMPARE`,
  ),
  caught(
    'unknown-state-is-read-only',
    'After an unknown write what is read counts as definite.',
    `${joining} UNKNOWN_STATE_IS_READ_ONLY`,
  ),
  caught(
    'resume-counts-promises-at-once',
    'Promises count before a resumed holder has written the electorate once.',
    `${joining} RESUME_COUNTS_PROMISES_AT_ONCE`,
  ),
  caught(
    'answer-of-another-term',
    'The answer to a write of an earlier term counts for a write of this one.',
    'PROMISES MINE ELECTORATE ELECTORATE_AT_START=3 MAXCHANGES=2 ANSWER_OF_ANOTHER_TERM',
  ),
  caught(
    'fence-before-read',
    'A fence counts that was begun before the token was read.',
    `${power} FENCE_BEFORE_READ`,
  ),
  caught('fence-timeout-counts', 'A fence without an answer counts.', `${power} FENCE_TIMEOUT_COUNTS`),
  caught('any-confirmation', 'A confirmation of an earlier token counts.', `${power} ANY_CONFIRMATION`),
  caught('by-hand-without-looking', 'An admin confirms what is not so.', `${power} BY_HAND_WITHOUT_LOOKING`),
  caught('reboot-takes-back', 'A rebooted node takes its term back.', `${power} REBOOT_TAKES_BACK`),
];

/** What CI runs, the longest first. */
export const smallRuns: readonly ModelRun[] = [...cleanRuns, ...plantedRuns, ...harmlessRuns, ...reachedRuns];

/** What is run by hand. */
export const largeRuns: readonly ModelRun[] = [
  clean('term-four-takes', 'Two nodes, four takes, freezing.', `${term} FREEZE MAXTAKES=4`),
  clean('term-of-five-ticks', 'A finer clock: T is five ticks.', `${term} FREEZE MAXTAKES=3 T=5`),
  clean('joining-again', 'Joins, drops, restarts, two takes.', `${joining} MAXCHANGES=2 MAXTAKES=2`),
  clean('dropping-again', 'Drops, joins, restarts, two takes.', `${dropping} MAXCHANGES=2 MAXTAKES=2`),
  clean('fencing-frozen', 'Fencing, power, freezing, hand-over, three takes.', `${power} FREEZE MAXTAKES=3`),
  clean(
    'outsider-hand-over',
    'Fencing, power, hand-over, restarts, a changing electorate.',
    `${power} ELECTORATE ELECTORATE_AT_START=1 MAXCHANGES=1 MAXTAKES=2`,
  ),
  clean('three-nodes-two-takes', 'Three nodes, hand-over and restarts.', `N=3 ${term} MAXTAKES=2`),
  clean('three-nodes-fencing', 'Three nodes, fencing and power.', 'N=3 PROMISES POWER FENCING MAXTAKES=1'),
  clean(
    'three-nodes-fencing-again',
    'Three nodes, fencing, power, a node’s own term, two takes.',
    'N=3 PROMISES MINE POWER FENCING MAXTAKES=2',
  ),
  clean(
    'three-nodes-electorate',
    'A third node joins two.',
    'N=3 PROMISES ELECTORATE ELECTORATE_AT_START=3 MAXCHANGES=1 MAXTAKES=1',
  ),
  clean(
    'three-nodes-electorate-own',
    'A third node joins two, and the holder takes its own term again.',
    'N=3 PROMISES MINE ELECTORATE ELECTORATE_AT_START=3 MAXCHANGES=1 MAXTAKES=2',
  ),
];
