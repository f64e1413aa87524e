import { MAX_DATAGRAM, type Writer } from '../ber/writer.ts';
import { PDU } from '../message/constants.ts';
import type { SecurityLevel } from '../message/v3-constants.ts';
import { finishScopedPdu, V3Outgoing } from '../message/v3-response.ts';
import type { UsmUser } from '../security/usm/user.ts';
import type { Usm } from '../security/usm/usm.ts';

/** What SNMPv3 traps are sent as: by an engine that is authoritative for them (RFC 3414 section 1.5.1). */
export interface OwnEngine {
  readonly id: Uint8Array;
  readonly usm: Usm;
}

const outgoing = new V3Outgoing();
const NO_NAME = new Uint8Array(0);

/**
 * Writes an SNMPv2-Trap in an SNMPv3 message of the own engine, in its default context (RFC 3412 section 7.1); false
 * when the user has not the keys that the level takes.
 */
export function writeTrapV3(
  writer: Writer,
  engine: OwnEngine,
  user: UsmUser,
  level: SecurityLevel,
  bindings: Uint8Array,
  messageId: number,
  requestId: number,
): boolean {
  outgoing.messageId = messageId;
  outgoing.maxSize = MAX_DATAGRAM;
  outgoing.contextEngineId = engine.id;
  outgoing.contextName = NO_NAME;
  if (!engine.usm.prepareOutgoing(outgoing, level, user)) return false;
  writer.reset();
  writer.append(bindings, 0, bindings.length);
  finishScopedPdu(writer, outgoing, PDU.TRAP_V2, requestId, 0, 0);
  engine.usm.protectOutgoing(writer, outgoing, user);
  return true;
}
