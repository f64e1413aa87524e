import type { Oid } from '../util/oid.ts';

/** Bits of msgFlags (RFC 3412 section 6.4). */
export const MSG_FLAG = { AUTH: 0x01, PRIV: 0x02, REPORTABLE: 0x04 } as const;

/** SnmpSecurityLevel (RFC 3411 section 5). */
export const SECURITY_LEVEL = { noAuthNoPriv: 1, authNoPriv: 2, authPriv: 3 } as const;
export type SecurityLevel = (typeof SECURITY_LEVEL)[keyof typeof SECURITY_LEVEL];

/** SnmpSecurityModel (RFC 3411 section 5). */
export const SECURITY_MODEL = { any: 0, v1: 1, v2c: 2, usm: 3 } as const;

/** Smallest message size that every engine must take, in octets: the lower bound of msgMaxSize (RFC 3412 section 6). */
export const MIN_MESSAGE_SIZE = 484;

/** Instances that a Report names when the message itself cannot be processed (RFC 3412 sections 5 and 7.2). */
export const MPD_REPORT = {
  unknownSecurityModels: [1, 3, 6, 1, 6, 3, 11, 2, 1, 1, 0],
  invalidMsgs: [1, 3, 6, 1, 6, 3, 11, 2, 1, 2, 0],
  unknownPDUHandlers: [1, 3, 6, 1, 6, 3, 11, 2, 1, 3, 0],
  unavailableContexts: [1, 3, 6, 1, 6, 3, 12, 1, 4, 0],
  unknownContexts: [1, 3, 6, 1, 6, 3, 12, 1, 5, 0],
} as const satisfies Record<string, Oid>;

/**
 * The security level that msgFlags ask for; `undefined` for privacy without authentication, which makes a message
 * invalid (RFC 3412 section 7.2 step 4 d). Other bits are ignored.
 */
export function levelOfFlags(flags: number): SecurityLevel | undefined {
  switch (flags & (MSG_FLAG.AUTH | MSG_FLAG.PRIV)) {
    case 0:
      return SECURITY_LEVEL.noAuthNoPriv;
    case MSG_FLAG.AUTH:
      return SECURITY_LEVEL.authNoPriv;
    case MSG_FLAG.PRIV:
      return undefined;
    default:
      return SECURITY_LEVEL.authPriv;
  }
}

/** The bits of msgFlags for a security level. */
export function flagsOfLevel(level: SecurityLevel): number {
  if (level === SECURITY_LEVEL.noAuthNoPriv) return 0;
  return level === SECURITY_LEVEL.authNoPriv ? MSG_FLAG.AUTH : MSG_FLAG.AUTH | MSG_FLAG.PRIV;
}
