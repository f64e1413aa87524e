/**
 * Counts of what came in, went out and was dropped: the snmp group of RFC 3418, obsolete
 * members included, and those of RFC 3412.
 *
 * Each early return of the way through the agent adds to exactly one of them, and PDUs that nobody takes to that of
 * their kind as well. Values grow without bound
 * here and wrap to 32 bits where they are served.
 */
export class SnmpCounters {
  inPkts = 0;
  outPkts = 0;
  inBadVersions = 0;
  inBadCommunityNames = 0;
  inBadCommunityUses = 0;
  inAsnParseErrs = 0;
  inTooBigs = 0;
  inNoSuchNames = 0;
  inBadValues = 0;
  inReadOnlys = 0;
  inGenErrs = 0;
  inTotalReqVars = 0;
  inTotalSetVars = 0;
  inGetRequests = 0;
  inGetNexts = 0;
  inSetRequests = 0;
  inGetResponses = 0;
  inTraps = 0;
  outTooBigs = 0;
  outNoSuchNames = 0;
  outBadValues = 0;
  outGenErrs = 0;
  outGetRequests = 0;
  outGetNexts = 0;
  outSetRequests = 0;
  outGetResponses = 0;
  outTraps = 0;
  silentDrops = 0;
  proxyDrops = 0;
  /** PDUs that no application here takes, of any version (RFC 3412 section 7.2 steps 10 to 13). */
  unknownPduHandlers = 0;
  /** Datagrams of a source that had asked too much; in no MIB. */
  rateLimited = 0;
  /** SNMPv3 messages of a security model that is not spoken, or that contradict themselves (SNMP-MPD-MIB). */
  unknownSecurityModels = 0;
  invalidMsgs = 0;
  /** Requests for a context that is not there (SNMP-TARGET-MIB). */
  unknownContexts = 0;
  /** Notifications that were not sent, for the receiver's notify view has not all of them; in no MIB. */
  notificationsDenied = 0;
  /** Notifications that were dropped because the queue of their target was full; in no MIB. */
  notificationsDropped = 0;
  /** Notifications that were not sent to a target because they are larger than it takes. */
  notificationsTooLarge = 0;
}
