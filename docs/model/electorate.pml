/* The electorate: only the holder writes it, each write compares the revision of `state` that it was made from. */
#ifdef ELECTORATE

#define mayChange(i) (phase[i] == holding && awake(i) && deadline[i] > 0 && change[i] == definite && changes < MAXCHANGES)

inline sendState(i, value) {
  stateValue[i] = value;
  stateSent[i] = isHolder(i);
  change[i] = sent
}

#if defined(JOIN_BEFORE_PROMISE)
#define hasPromised(i, j) 1
#elif defined(JOIN_BY_ANY_PROMISE)
#define hasPromised(i, j) (everPromised[(i) * N + (j)])
#else
#define hasPromised(i, j) (ANSWER(i, j) == answered)
#endif

/* A joiner's yes to the newest round binds it; it is needed from the sending of the change on. */
inline adds(i, j) {
  d_step { mayChange(i) && i != j && !NEEDS(i, j) && hasPromised(i, j) ->
    printf("node %d sends a change of the electorate: node %d joins\n", i, j);
    sendState(i, need[i] | BIT(j));
#ifndef JOIN_NEEDED_AFTER_OK
    need[i] = need[i] | BIT(j);
#endif
    changes++ }
}

inline drops(i, j) {
  d_step { mayChange(i) && i != j && NEEDS(i, j) ->
    printf("node %d sends a change of the electorate: node %d is dropped\n", i, j);
    sendState(i, need[i] & ~BIT(j));
#ifdef ELECTOR_GONE_BEFORE_OK
    need[i] = need[i] & ~BIT(j);
#endif
    changes++ }
}

inline stateCommits(i) {
  d_step { stateSent[i] ->
    printf("etcd commits the electorate of node %d\n", i);
    electorate = stateValue[i];
    stateSent[i] = 0;
    stateChanges(i);
    if :: phase[i] == holding && change[i] == sent -> change[i] = written :: else fi }
}

inline oldStateCommits(i) {
  d_step { oldSent[i] ->
    printf("etcd commits an older electorate of node %d\n", i);
    electorate = oldValue[i];
    oldSent[i] = 0; oldValue[i] = 0;
    stateChanges(i) }
}

#ifdef ANSWER_OF_ANOTHER_TERM
inline strayAnswered(i) {
  d_step { phase[i] == holding && awake(i) && stray[i] && change[i] == sent ->
    printf("node %d takes the ok to a write of its earlier term for the ok to this one\n", i);
    stray[i] = 0;
    need[i] = stateValue[i];
    if :: stateSent[i] -> oldSent[i] = 1; oldValue[i] = stateValue[i]; stateSent[i] = 0 :: else fi;
    stateValue[i] = 0;
    change[i] = definite; counts[i] = 1 }
}
#endif

inline stateAnswered(i) {
  d_step { phase[i] == holding && awake(i) && change[i] == written ->
    printf("node %d hears that its change of the electorate is committed\n", i);
    if
    :: NEEDS(i, i) && (need[i] & ~stateValue[i]) -> reached(DROPPED)
    :: NEEDS(i, i) && !counts[i] -> reached(RESUMED)
    :: else -> reached(CHANGED)
    fi;
    need[i] = stateValue[i];
    stateValue[i] = 0;
    change[i] = definite; counts[i] = 1 }
}

/* No answer, or a refusal: the request may still be under way. Of older ones one is kept in mind, the last. */
inline stateUnknown(i) {
  d_step { phase[i] == holding && (change[i] == sent || change[i] == written) ->
    printf("node %d does not hear what became of its change of the electorate\n", i);
    if :: stateSent[i] -> oldSent[i] = 1; oldValue[i] = stateValue[i]; stateSent[i] = 0 :: else fi;
    stateValue[i] = 0;
    change[i] = unknown }
}

inline stateLost(i) {
  d_step { stateSent[i] -> printf("the change of the electorate of node %d is lost\n", i); stateSent[i] = 0 }
}

inline oldStateLost(i) {
  d_step { oldSent[i] -> printf("an older change of the electorate of node %d is lost\n", i); oldSent[i] = 0; oldValue[i] = 0 }
}

/* What is found is written once more: its commit kills every older write. Both lists are needed until then. */
inline adopts(i) {
  d_step { phase[i] == holding && awake(i) && deadline[i] > 0 && change[i] == unknown && isHolder(i) ->
    printf("node %d reads the electorate\n", i);
    need[i] = need[i] | electorate;
#ifdef UNKNOWN_STATE_IS_READ_ONLY
    need[i] = electorate; change[i] = definite; counts[i] = 1
#else
    sendState(i, electorate);
#ifdef RESUME_COUNTS_PROMISES_AT_ONCE
    counts[i] = 1
#endif
#endif
  }
}

#endif
