import { TAG } from '../ber/tags.ts';
import type { Writer } from '../ber/writer.ts';
import type { Oid } from '../util/oid.ts';
import { PDU } from './constants.ts';

/** snmpTraps of RFC 3418: the standard notifications are its children. */
const SNMP_TRAPS: Oid = [1, 3, 6, 1, 6, 3, 1, 1, 5];
const ENTERPRISE_SPECIFIC = 6;

/** The fields by which SNMPv1 names a trap (RFC 1157 section 4.1.6). */
export interface TrapV1Name {
  readonly enterprise: Oid;
  readonly genericTrap: number;
  readonly specificTrap: number;
}

/** The SNMPv1 name of a notification, from the value of snmpTrapOID (RFC 3584 section 3.2). */
export function trapV1Name(trapOid: Oid): TrapV1Name {
  const last = trapOid.at(-1)!;
  const isStandard =
    trapOid.length === SNMP_TRAPS.length + 1 && SNMP_TRAPS.every((subid, i) => subid === trapOid[i]);
  if (isStandard && last >= 1 && last <= 6) {
    return { enterprise: SNMP_TRAPS, genericTrap: last - 1, specificTrap: 0 };
  }
  // "If the next-to-last sub-identifier is zero", it is not part of the enterprise.
  const enterprise = trapOid.slice(0, trapOid.at(-2) === 0 ? -2 : -1);
  return { enterprise, genericTrap: ENTERPRISE_SPECIFIC, specificTrap: last };
}

/**
 * Closes the bindings that stand in the writer into a Trap-PDU (RFC 1157 section 4.1.6).
 * `agentAddress` has four octets; 0.0.0.0 when it is not an IPv4 one (RFC 3584 section 3.2).
 */
export function finishTrapV1(
  writer: Writer,
  name: TrapV1Name,
  agentAddress: Uint8Array,
  upTimeCentiseconds: number,
): void {
  writer.prependHeader(TAG.SEQUENCE);
  const bindings = writer.view().slice();
  writer.reset();
  writer.appendOid(name.enterprise);
  writer.appendOctets(TAG.IP_ADDRESS, agentAddress);
  writer.appendInteger(name.genericTrap);
  writer.appendInteger(name.specificTrap | 0);
  writer.appendUnsigned32(TAG.TIME_TICKS, upTimeCentiseconds % 0x1_0000_0000);
  writer.append(bindings, 0, bindings.length);
  writer.prependHeader(PDU.TRAP_V1);
}
