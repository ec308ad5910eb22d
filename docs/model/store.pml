/* What a committed transaction does to all that compare what it wrote. */

inline unsee(i) {
  seen[i] = 0;
  waits[i] = 0
}

/* `leader` gets a new mod-revision, the token: every transaction that compares the old one is dead. */
inline leaderChanges(keepsRecord) {
  k = 0;
  do
  :: k < N ->
     unsee(k);
     won[k] = 0;
     takeSent[k] = 0;
     if :: k != keepsRecord -> record[k] = 0 :: else fi;
     if :: heartbeat[k] == asked -> heartbeat[k] = nothing; heartbeatLeft[k] = 0 :: else fi;
#ifndef LATE_RELEASE
     releaseTo[k] = NOBODY;
#endif
#ifdef ELECTORATE
     stateSent[k] = 0;
     oldSent[k] = 0; oldValue[k] = 0;
#endif
#if defined(FENCING) && !defined(FENCE_BEFORE_READ)
     fence[k] = nothing;
#endif
#ifdef POWER
     lostPower[k] = 0;
#endif
     k++
  :: else -> break
  od;
  k = 0;
#ifndef ANY_CONFIRMATION
  confirmed = 0;
#endif
#ifdef LEASE_IS_PERMISSION
  lease = T;
#endif
}

inline heartbeatChanges() {
  skip;
#ifndef HEARTBEAT_NOT_COMPARED
  k = 0;
  do
  :: k < N -> unsee(k); takeSent[k] = 0; k++
  :: else -> break
  od;
  k = 0;
#endif
#ifdef LEASE_IS_PERMISSION
  lease = T;
#endif
}

#ifdef ELECTORATE
inline stateChanges(i) {
  skip;
#ifndef STATE_NOT_COMPARED
  k = 0;
  do
  :: k < N -> takeSent[k] = 0; k++
  :: else -> break
  od;
  k = 0;
#endif
#ifndef STATE_WITHOUT_COMPARE
  stateSent[i] = 0;
  oldSent[i] = 0; oldValue[i] = 0
#endif
}
#endif
