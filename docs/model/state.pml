/* What is known, and to whom. Time is counted in ticks; a countdown at 0 has run out. */

#ifndef N
#define N 2                  /* nodes */
#endif
#ifndef MAXTAKES
#define MAXTAKES 2           /* takes that are sent in one run */
#endif
#ifndef MAXCHANGES
#define MAXCHANGES 1         /* changes of the electorate in one run */
#endif
#ifndef ELECTORATE_AT_START
#define ELECTORATE_AT_START ((1 << N) - 1)
#endif
#ifndef T
#define T 3                  /* a term, in ticks */
#endif
#define MARGIN 1             /* m: what T pays for clocks and for the act */
#define LENGTH (T - MARGIN)  /* from the sending of a renewal to its deadline */
#ifdef DRIFT_ABOVE_MARGIN
#define WAIT (T - MARGIN)    /* T by the clock of a node that waits */
#else
#define WAIT T
#endif

#define NOBODY 255
#define BIT(i) (1 << (i))
#define ANSWER(i, j) answer[(i) * N + (j)]

/* `taking`: a take is under way, or its outcome is unknown and the claim is being settled.
 * `took`: the word that it is committed is on its way. `restarting`: hamnd of a holder is gone, the guard is armed. */
mtype = { settling, candidate, taking, took, holding, restarting, off };
/* Of a request: it is under way to etcd, or its answer is under way back. */
mtype = { nothing, asked, answered };

/* ---- etcd: one linearizable store ----
 * Revisions are modelled by what depends on them. A transaction whose compare has become false can never be committed: it is forgotten at
 * that instant, and a node that waits for it learns of it as of any lost one. */
byte leader = NOBODY;        /* the holder that `leader` names; NOBODY while it is released */
byte releasedTo = NOBODY;
byte electorate = ELECTORATE_AT_START;
byte confirmed;              /* nodes whose fencing is confirmed for the present token: `fencing/<node>` */

/* ---- a node ---- */
mtype phase[N] = settling;
bit writable[N];             /* guard armed, database writable, VIP held */
byte deadline[N];            /* the guard's */
bit record[N];               /* the guard's record of this boot is of the present `leader` (its token or, once released, its nonce) */
bit frozen[N];               /* every process of it, the guard included */

bit seen[N];                 /* it has received the present `leader` and `heartbeat` */
byte waits[N];               /* until T after that */
byte promised[N];            /* until its own promise ends */

bit takeSent[N];             /* its take is under way to etcd */
byte left[N];                /* what is left of LENGTH since that take was sent */
bit won[N];                  /* `leader` is what its unsettled take wrote */

mtype heartbeat[N] = nothing;
byte heartbeatLeft[N];       /* what is left of LENGTH since it was sent */
mtype answer[N * N] = nothing; /* of a round of promises: holder * N + elector */
byte roundLeft[N];

byte releaseTo[N] = NOBODY;  /* its release is under way to etcd */

#ifdef ELECTORATE
/* `definite`: the holder knows what etcd has. `sent`: a change is under way. `written`: its ok is on the way. `unknown`: it must be read. */
mtype = { definite, sent, written, unknown };
mtype change[N] = definite;
byte need[N];                /* who must promise: the electorate that is known, and the one that is wanted */
bit counts[N];               /* promises count */
bit stateSent[N];            /* a write of `state` is under way to etcd */
byte stateValue[N];
bit oldSent[N];              /* and one that an earlier try or an earlier life left under way */
byte oldValue[N];
byte changes;
#define NEEDS(i, j) ((need[i] & BIT(j)) != 0)
#define COUNTS(i) (counts[i])
#ifdef ANSWER_OF_ANOTHER_TERM
bit stray[N];                /* an ok to a write of an earlier term is under way to this hamnd */
#endif
#ifdef JOIN_BY_ANY_PROMISE
bit everPromised[N * N];
#endif
#else
#define NEEDS(i, j) 1
#define COUNTS(i) 1
#endif

#ifdef POWER
bit lostPower[N];            /* it held `leader` when it lost its power, and nobody has taken it since */
#endif
#ifdef FENCING
mtype fence[N] = nothing;    /* `asked`: an order against the holder is under way. `answered`: the holder was seen off since */
#endif
#ifdef WAIT_FROM_START
bit fresh[N];
#endif
#ifdef LEASE_IS_PERMISSION
byte lease = T;
#endif

byte takes;
byte k;                      /* counts in a step; 0 between steps, and so is the next */
byte longest;

#define awake(i) (!frozen[i])
#define isHolder(i) (record[i] && leader == i)
#ifdef FREEZE
/* Of a node that thaws after its deadline the milliseconds before its guard runs are not counted. */
#define acknowledges(i) (writable[i] && !frozen[i] && deadline[i] > 0)
#else
#define acknowledges(i) writable[i]
#endif
#if N > 2
#define ACKNOWLEDGING (acknowledges(0) + acknowledges(1) + acknowledges(2))
#else
#define ACKNOWLEDGING (acknowledges(0) + acknowledges(1))
#endif

/* I1. */
inline check() { assert(ACKNOWLEDGING <= 1) }

/* Told apart from what is planted: that the interesting things happen at all in this model. */
#ifdef REACH
mtype = { FALL_OPEN, RELEASED, TAKEN_BACK, MINE_AGAIN, SETTLED_AS_TAKEN, FENCED, FENCED_BY_OUTSIDER, CHANGED, DROPPED, RESUMED };
#define reached(what) assert(REACH != what)
#else
#define reached(what) skip
#endif
