/* Power, and fencing. A machine may lose its power at any time: the order of a fence that timed out and hits late is one such time. */
#ifdef POWER

#ifdef FENCE_BEFORE_READ
#define isTarget(i, of) (i != of)
#else
#define isTarget(i, of) (leader == i)
#endif

inline losesPower(i) {
  d_step { phase[i] != off ->
    printf("node %d loses its power\n", i);
    lostPower[i] = (leader == i);
    writable[i] = 0; deadline[i] = 0; record[i] = 0; frozen[i] = 0;
    promised[i] = 0; left[i] = 0; won[i] = 0;
    forgetTerm(i);
    phase[i] = off;
#ifdef FENCING
    fence[i] = nothing;
    k = 0;
    do
    :: k < N -> if :: fence[k] == asked && isTarget(i, k) -> fence[k] = answered :: else fi; k++
    :: else -> break
    od;
    k = 0
#endif
  }
}

inline boots(i) {
  d_step { phase[i] == off -> printf("node %d boots\n", i); phase[i] = settling }
}
#endif

#ifdef FENCING
#ifdef FENCE_BEFORE_READ
#define mayFence(i) (phase[i] == candidate && awake(i))
#define mayConfirm(i) (leader != i && leader < N && seen[i])
#else
#define mayFence(i) (phase[i] == candidate && awake(i) && seen[i] && leader != i && leader < N)
#define mayConfirm(i) 1
#endif

#ifdef FENCE_TIMEOUT_COUNTS
#define isSeenOff(i) (fence[i] != nothing)
#else
#define isSeenOff(i) (fence[i] == answered)
#endif
#ifdef BY_HAND_WITHOUT_LOOKING
#define adminMaySay(i) 1
#else
#define adminMaySay(i) (phase[i] == off)
#endif

inline fences(i) {
  d_step { mayFence(i) && fence[i] == nothing ->
    printf("node %d orders the holder off\n", i); fence[i] = asked }
}

/* The confirmation is written by a transaction that compares the token which was read before the order. */
inline confirms(i) {
  d_step { phase[i] != off && awake(i) && mayConfirm(i) && isSeenOff(i) ->
    printf("node %d confirms that node %d was off\n", i, leader);
    confirmed = confirmed | BIT(leader); fence[i] = nothing }
}

inline fenceFails(i) {
  d_step { fence[i] != nothing -> printf("node %d does not learn what became of its order\n", i); fence[i] = nothing }
}

/* An admin says so, while the node is off. */
inline confirmedByHand(i) {
  d_step { leader == i && !(confirmed & BIT(i)) && adminMaySay(i) ->
    printf("an admin confirms that node %d is off\n", i);
    confirmed = confirmed | BIT(i) }
}
#endif
