import type { Oid } from '../../util/oid.ts';

/** usmStats of SNMP-USER-BASED-SM-MIB. */
const USM_STATS: Oid = [1, 3, 6, 1, 6, 3, 15, 1, 1];

/**
 * Counts of messages that the user-based security model refused, named as in the MIB (RFC 3414 section 5).
 * Values grow without bound here and wrap to 32 bits where they are served.
 */
export class UsmStats {
  unsupportedSecLevels = 0;
  notInTimeWindows = 0;
  unknownUserNames = 0;
  unknownEngineIDs = 0;
  wrongDigests = 0;
  decryptionErrors = 0;
}

/** The name of one of the counters. */
export type UsmStat = keyof UsmStats;

/** The instance of each counter, which Reports name. */
export const USM_STATS_OIDS: Readonly<Record<UsmStat, Oid>> = {
  unsupportedSecLevels: [...USM_STATS, 1, 0],
  notInTimeWindows: [...USM_STATS, 2, 0],
  unknownUserNames: [...USM_STATS, 3, 0],
  unknownEngineIDs: [...USM_STATS, 4, 0],
  wrongDigests: [...USM_STATS, 5, 0],
  decryptionErrors: [...USM_STATS, 6, 0],
};
