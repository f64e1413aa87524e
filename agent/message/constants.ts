/** The version field of a message (RFC 1157 section 4, RFC 3584 section 5.1, RFC 3412 section 6). */
export const VERSION = { V1: 0, V2C: 1, V3: 3 } as const;
/** A version whose messages carry a community. */
export type CommunityVersion = typeof VERSION.V1 | typeof VERSION.V2C;

/** PDU tags (RFC 3416 section 3; Trap-PDU from RFC 1157 section 4.1.6). */
export const PDU = {
  GET: 0xa0,
  GET_NEXT: 0xa1,
  RESPONSE: 0xa2,
  SET: 0xa3,
  TRAP_V1: 0xa4,
  GET_BULK: 0xa5,
  INFORM: 0xa6,
  TRAP_V2: 0xa7,
  REPORT: 0xa8,
} as const;

/** error-status values (RFC 3416 section 3). */
export const ERROR_STATUS = {
  noError: 0,
  tooBig: 1,
  noSuchName: 2,
  badValue: 3,
  readOnly: 4,
  genErr: 5,
  noAccess: 6,
  wrongType: 7,
  wrongLength: 8,
  wrongEncoding: 9,
  wrongValue: 10,
  noCreation: 11,
  inconsistentValue: 12,
  resourceUnavailable: 13,
  commitFailed: 14,
  undoFailed: 15,
  authorizationError: 16,
  notWritable: 17,
  inconsistentName: 18,
} as const;
export type ErrorStatus = (typeof ERROR_STATUS)[keyof typeof ERROR_STATUS];
