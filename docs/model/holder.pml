/* A holder: heartbeats, promises, the deadline, the end. */

inline forgetRound(i) {
  roundLeft[i] = 0;
  k = 0;
  do
  :: k < N -> ANSWER(i, k) = nothing; k++
  :: else -> break
  od;
  k = 0
}

/* What hamnd knows of its term; the guard's record stays. */
inline forgetTerm(i) {
  forgetRound(i);
  if :: heartbeat[i] == answered -> heartbeat[i] = nothing; heartbeatLeft[i] = 0 :: else fi;
#ifdef ELECTORATE
#ifdef ANSWER_OF_ANOTHER_TERM
  if :: change[i] == written -> stray[i] = 1 :: else fi;
#endif
  if :: stateSent[i] -> oldSent[i] = 1; oldValue[i] = stateValue[i]; stateSent[i] = 0 :: else fi;
  change[i] = definite; need[i] = 0; counts[i] = 0; stateValue[i] = 0;
#endif
#ifdef JOIN_BY_ANY_PROMISE
  k = 0;
  do
  :: k < N -> everPromised[i * N + k] = 0; k++
  :: else -> break
  od;
  k = 0;
#endif
  unsee(i)
}

/* The node is harmless, and settles before it is a candidate again. A term never resumes. */
inline over(i) {
  writable[i] = 0;
  deadline[i] = 0;
  phase[i] = settling;
  forgetTerm(i)
}

/* At the deadline the guard acts: before the next tick, unless it is frozen. It pays no heed to hamnd. */
#ifdef GUARD_NEVER_ACTS
#define guardActs(i) (awake(i) && phase[i] == holding)
#else
#define guardActs(i) awake(i)
#endif
#define mustEnd(i) (writable[i] && deadline[i] == 0 && guardActs(i))

inline ends(i) {
  d_step { mustEnd(i) -> printf("the guard of node %d makes it harmless at its deadline\n", i); over(i) }
}

inline givesUp(i) {
  d_step { phase[i] == holding && awake(i) && deadline[i] > 0 -> printf("node %d ends its term by itself\n", i); over(i) }
}

#ifdef LATE_REPLY_REVIVES
#define mayExtend(i) 1
#else
#define mayExtend(i) (deadline[i] > 0)
#endif

inline extend(i, to) {
#ifdef DEADLINE_FROM_REPLY
  longest = LENGTH;
#else
  longest = to;
#endif
  if :: longest > deadline[i] && mayExtend(i) -> deadline[i] = longest; check() :: else fi;
  longest = 0
}

/* ---- the heartbeat ---- */
inline sendsHeartbeat(i) {
  d_step { phase[i] == holding && awake(i) && heartbeat[i] == nothing && isHolder(i) ->
    printf("node %d sends a heartbeat\n", i);
    heartbeat[i] = asked; heartbeatLeft[i] = LENGTH }
}

inline heartbeatCommits(i) {
  d_step { heartbeat[i] == asked ->
    printf("etcd commits the heartbeat of node %d\n", i);
    if
    :: phase[i] == holding -> heartbeat[i] = answered
    :: else -> heartbeat[i] = nothing; heartbeatLeft[i] = 0
    fi;
    heartbeatChanges() }
}

inline heartbeatAnswered(i) {
  d_step { phase[i] == holding && awake(i) && heartbeat[i] == answered ->
    printf("node %d hears that its heartbeat is committed\n", i);
    extend(i, heartbeatLeft[i]);
    heartbeat[i] = nothing; heartbeatLeft[i] = 0 }
}

inline heartbeatLost(i) {
  d_step { heartbeat[i] != nothing -> printf("the heartbeat of node %d, or its answer, is lost\n", i);
    heartbeat[i] = nothing; heartbeatLeft[i] = 0 }
}

/* ---- promises ---- */
#ifdef PROMISES
inline asks(i) {
  d_step { phase[i] == holding && awake(i) ->
    printf("node %d asks for promises\n", i);
    roundLeft[i] = LENGTH;
    k = 0;
    do
#ifdef PROMISE_COUNTED_AGAIN
    :: k < N && k != i -> if :: ANSWER(i, k) != answered -> ANSWER(i, k) = asked :: else fi; k++
#else
    :: k < N && k != i -> ANSWER(i, k) = asked; k++
#endif
    :: k < N && k == i -> k++
    :: else -> break
    od;
    k = 0 }
}

#define said(i, j) (i == j || !NEEDS(i, j) || ANSWER(i, j) == answered)
#if defined(ONE_PROMISE_SUFFICES)
#define isComplete(i) (ANSWER(i, 0) == answered || ANSWER(i, 1) == answered || ANSWER(i, N - 1) == answered)
#else
#define isComplete(i) (said(i, 0) && said(i, 1) && said(i, N - 1))
#endif

inline roundComplete(i) {
  d_step { phase[i] == holding && awake(i) && roundLeft[i] > 0 && COUNTS(i) && isComplete(i) && roundLeft[i] > deadline[i] ->
    printf("node %d has the promises of all that it needs\n", i);
    extend(i, roundLeft[i]) }
}

#ifdef DEADLINE_FROM_REPLY
inline lateRound(i) {
  d_step { phase[i] == holding && awake(i) && roundLeft[i] > 0 && COUNTS(i) && isComplete(i) && roundLeft[i] <= deadline[i] ->
    extend(i, roundLeft[i]) }
}
#endif
#endif

/* ---- hamnd restarts; the guard holds the term meanwhile ---- */
#ifdef RESTART
inline dies(i) {
  d_step { phase[i] == holding ->
    printf("hamnd of node %d, a holder, dies\n", i);
    phase[i] = restarting;
    forgetTerm(i) }
}

inline resumes(i) {
  d_step { phase[i] == restarting && writable[i] && deadline[i] > 0 && awake(i) ->
    printf("hamnd of node %d resumes the term of its guard\n", i);
    phase[i] = holding;
#ifdef ELECTORATE
    change[i] = unknown
#endif
  }
}
#endif

/* ---- hand-over: harmless first, then released to one node ---- */
#ifdef HANDOVER
inline releases(i, j) {
  d_step { phase[i] == holding && awake(i) && deadline[i] > 0 && releaseTo[i] == NOBODY && isHolder(i) ->
    printf("node %d sends a release to node %d\n", i, j);
    releaseTo[i] = j;
#ifndef RELEASED_BEFORE_HARMLESS
    over(i)
#endif
  }
}

#ifdef LATE_RELEASE
#define releaseIsValid(i) (leader == i)
#else
#define releaseIsValid(i) 1
#endif

inline releaseCommits(i) {
  d_step { releaseTo[i] != NOBODY && releaseIsValid(i) ->
    printf("etcd commits the release of node %d\n", i);
    releasedTo = releaseTo[i];
    leaderChanges(i);
    leader = NOBODY;
    releaseTo[i] = NOBODY }
}

inline releaseLost(i) {
  d_step { releaseTo[i] != NOBODY -> printf("the release of node %d is lost\n", i); releaseTo[i] = NOBODY }
}
#endif
