/* A candidate: it waits, promises, takes, settles. */

inline sees(i) {
  d_step { phase[i] == candidate && awake(i) && !seen[i] ->
    printf("node %d receives the newest leader and heartbeat and waits T\n", i);
    seen[i] = 1;
#ifdef WAIT_FROM_START
    if :: fresh[i] -> fresh[i] = 0 :: else -> waits[i] = WAIT fi
#else
    waits[i] = WAIT
#endif
  }
}

#ifdef PROMISE_WHILE_TAKING
#define mayPromise(i) (phase[i] == candidate || phase[i] == taking || phase[i] == took || phase[i] == settling)
#else
#define mayPromise(i) (phase[i] == candidate)
#endif

/* More than the code allows: it promises to whoever asks, invited or not. To promise more can only help a holder. */
inline promises(i, j) {
  d_step { mayPromise(i) && awake(i) && ANSWER(j, i) == asked ->
    printf("node %d promises node %d not to take for T\n", i, j);
    ANSWER(j, i) = answered;
    promised[i] = WAIT;
#ifdef JOIN_BY_ANY_PROMISE
    everPromised[j * N + i] = 1
#endif
  }
}

#ifdef PROMISE_FORGOTTEN
#define promiseIsOver(i) 1
#else
#define promiseIsOver(i) (promised[i] == 0)
#endif
#if defined(STATE_NOT_COMPARED) || !defined(ELECTORATE)
#define isElector(i) 1
#else
#define isElector(i) ((electorate & BIT(i)) != 0)
#endif
#ifdef LEASE_IS_PERMISSION
#define hasRunOut(i) (lease == 0)
#else
#define hasRunOut(i) (waits[i] == 0 && promiseIsOver(i))
#endif
#ifdef REBOOT_TAKES_BACK
#define isOwn(i) (record[i] || leader == i)
#else
#define isOwn(i) (record[i])
#endif
/* With an older view a take would be refused by its compares: only takes that can succeed are looked at. */
#define mayTake(i) (phase[i] == candidate && awake(i) && !writable[i] && seen[i] && !takeSent[i] && takes < MAXTAKES)

inline sendTake(i) {
  phase[i] = taking;
  takeSent[i] = 1;
  left[i] = LENGTH;
  takes++
}

inline takesTimed(i) {
  d_step { mayTake(i) && isElector(i) && hasRunOut(i) ->
    printf("node %d sends a take: timed\n", i);
    if :: leader == NOBODY && releasedTo != i -> reached(FALL_OPEN) :: else fi;
    sendTake(i)
  }
}

inline takesReleased(i) {
  d_step { mayTake(i) && isElector(i) && leader == NOBODY && releasedTo == i ->
    printf("node %d sends a take: released to it\n", i);
    reached(RELEASED);
    sendTake(i)
  }
}

inline takesMine(i) {
  d_step { mayTake(i) && isElector(i) && isOwn(i) ->
    printf("node %d sends a take: its own term\n", i);
#ifdef POWER
    assert(!lostPower[i]); /* I4 */
#endif
    if :: leader == NOBODY -> reached(TAKEN_BACK) :: else -> reached(MINE_AGAIN) fi;
    sendTake(i)
  }
}

#ifdef FENCING
inline takesFenced(i) {
  d_step { mayTake(i) && leader != i && leader < N && (confirmed & BIT(leader)) ->
    printf("node %d sends a take: node %d is fenced\n", i, leader);
    if :: electorate & BIT(i) -> reached(FENCED) :: else -> reached(FENCED_BY_OUTSIDER) fi;
    sendTake(i)
  }
}
#endif

inline takeCommits(i) {
  d_step { takeSent[i] ->
    printf("etcd commits the take of node %d\n", i);
    leaderChanges(NOBODY);
    leader = i;
    releasedTo = NOBODY;
    electorate = electorate | BIT(i);
    if
    :: phase[i] == taking ->
       phase[i] = took; won[i] = 1;
#ifdef ELECTORATE
       need[i] = electorate
#endif
    :: else
    fi
  }
}

inline takeLost(i) {
  d_step { takeSent[i] -> printf("the take of node %d is lost\n", i); takeSent[i] = 0 }
}

inline outcomeLost(i) {
  d_step { phase[i] == took -> printf("node %d does not hear that its take is committed\n", i); phase[i] = taking }
}

/* The claim kills what is still under way, and the same transaction reads `leader`. */
inline settles(i) {
  d_step { (phase[i] == taking || phase[i] == settling) && awake(i) ->
#ifndef CLAIM_NOT_COMPARED
    takeSent[i] = 0;
#endif
    if
#ifdef SETTLE_BY_NAME
    :: phase[i] == taking && leader == i -> printf("node %d settles: leader names it\n", i);
#else
    :: won[i] -> printf("node %d settles: its take is committed\n", i);
#endif
       reached(SETTLED_AS_TAKEN);
       phase[i] = took
    :: else -> printf("node %d settles: nothing of it is under way\n", i);
       phase[i] = candidate; left[i] = 0
    fi
  }
}

#ifdef NO_SETTLE
inline forgets(i) {
  d_step { phase[i] == taking -> printf("node %d takes an unknown outcome for a failure\n", i);
    phase[i] = candidate; left[i] = 0; won[i] = 0 }
}
#endif
#ifdef UNKNOWN_TAKE_IS_SUCCESS
inline assumes(i) {
  d_step { phase[i] == taking -> printf("node %d takes an unknown outcome for a success\n", i); phase[i] = took }
}
#endif

/* Arming the guard is part of it: an armed guard whose hamnd dies at once is a holder whose hamnd dies. */
inline begins(i) {
  d_step { phase[i] == took && awake(i) ->
    if
    :: left[i] > 0 -> printf("node %d begins its term\n", i);
       phase[i] = holding;
       writable[i] = 1;
       deadline[i] = left[i];
       promised[i] = 0;
       record[i] = won[i];
#ifdef ELECTORATE
       change[i] = definite; counts[i] = 1; stateValue[i] = 0;
#endif
       check()
    :: else -> printf("node %d took too late\n", i);
       phase[i] = settling
    fi;
    left[i] = 0; won[i] = 0; unsee(i)
  }
}

/* ---- restart: hamnd's memory is gone, what it sent is not ---- */
#ifdef RESTART
inline restarts(i) {
  d_step { phase[i] == candidate || phase[i] == taking || phase[i] == took || phase[i] == settling ->
    printf("hamnd of node %d restarts\n", i);
    phase[i] = settling;
    promised[i] = 0; left[i] = 0; won[i] = 0; unsee(i);
#ifdef FENCING
    fence[i] = nothing;
#endif
#ifdef ELECTORATE
    need[i] = 0;
#endif
#ifdef ANSWER_OF_ANOTHER_TERM
    stray[i] = 0;
#endif
#ifdef RESTART_WITHOUT_WAIT
    phase[i] = candidate; seen[i] = 1;
#endif
#ifdef WAIT_FROM_START
    fresh[i] = 1; waits[i] = WAIT
#endif
  }
}
#endif
