import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { type V3Fields, v3Message } from './v3-messages.ts';
import { element, elements, pduElement, value, varbindElement, WIRE, type WireVarbind } from './wire.ts';

/** What an agent can see of an SNMPv3 request without any key. */
export interface Asked {
  readonly messageId: number;
  /** 0 for noAuthNoPriv, 1 for authNoPriv, 3 for authPriv. */
  readonly level: number;
  /** Empty for a discovery. */
  readonly engineId: Uint8Array;
  readonly userName: string;
  /** 0 when it is encrypted. */
  readonly requestId: number;
}

/** An engine ID in the format of RFC 3411 for agents of tests. */
export const ODD_ENGINE = Uint8Array.of(0x80, 0, 0x1f, 0x88, 5, 1, 2, 3, 4);

/** Any number of datagrams to answer one with, in order; `port` is where it came from. */
export type OddAnswer = (datagram: Uint8Array, port: number) => readonly Uint8Array[];

/** Binds an agent of 127.0.0.1 that answers as it is told. It is closed with the test. Returns its port. */
export async function oddAgent(answer: OddAnswer): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (datagram, { port, address }) => {
    for (const octets of answer(datagram, port)) socket.send(octets, port, address);
  });
  onTestFinished(async () => {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });
  return socket.address().port;
}

/** Reads what can be seen of an SNMPv3 request. Throws when it is none. */
export function askedOf(datagram: Uint8Array): Asked {
  const [outer] = elements(datagram, true);
  const [version, global, parameters, data] = elements(outer!.content, true);
  if (number(version!.content) !== 3) throw new Error('not SNMPv3');
  const [messageId, , flags] = elements(global!.content, true);
  const [security] = elements(parameters!.content, true);
  const [engineId, , , userName] = elements(security!.content, true);
  return {
    messageId: number(messageId!.content),
    level: flags!.content[0]! & 3,
    engineId: engineId!.content,
    userName: Buffer.from(userName!.content).toString('latin1'),
    requestId: data!.tag === WIRE.Sequence ? requestIdOf(data!.content) : 0,
  };
}

function requestIdOf(scoped: Uint8Array): number {
  const [, , pdu] = elements(scoped, true);
  const [requestId] = elements(pdu!.content, true);
  return number(requestId!.content);
}

function number(octets: Uint8Array): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** A message to whoever asked, with one PDU of one binding; plain and with ODD_ENGINE unless the fields say more. */
export function answerTo(
  asked: Pick<Asked, 'messageId' | 'userName' | 'requestId'>,
  type: number,
  varbind: WireVarbind,
  fields: V3Fields = {},
): Uint8Array {
  const { messageId, userName, requestId } = asked;
  const engineId = fields.engineId ?? ODD_ENGINE;
  const pdu = pduElement({ type, requestId, fieldA: 0, fieldB: 0 }, varbindElement(varbind));
  const context = [...element(WIRE.OctetString, [...engineId]), ...element(WIRE.OctetString, [])];
  const scopedPdu = element(WIRE.Sequence, [...context, ...pdu]);
  return v3Message({ flags: 0, messageId, userName, engineId, boots: 3, time: 77, scopedPdu, ...fields });
}

/** A plain Report that names one counter. */
export function reportTo(asked: Asked, counter: string, fields: V3Fields = {}): Uint8Array {
  return answerTo(asked, WIRE.report, { oid: counter, value: value.counter32(1) }, fields);
}

/** Instances of the counters that Reports name (RFC 3412, RFC 3413, RFC 3414). */
export const COUNTERS = {
  unsupportedSecLevels: '1.3.6.1.6.3.15.1.1.1.0',
  notInTimeWindows: '1.3.6.1.6.3.15.1.1.2.0',
  unknownUserNames: '1.3.6.1.6.3.15.1.1.3.0',
  unknownEngineIDs: '1.3.6.1.6.3.15.1.1.4.0',
  wrongDigests: '1.3.6.1.6.3.15.1.1.5.0',
  decryptionErrors: '1.3.6.1.6.3.15.1.1.6.0',
  unknownSecurityModels: '1.3.6.1.6.3.11.2.1.1.0',
  invalidMsgs: '1.3.6.1.6.3.11.2.1.2.0',
  unknownPDUHandlers: '1.3.6.1.6.3.11.2.1.3.0',
  unavailableContexts: '1.3.6.1.6.3.12.1.4.0',
  unknownContexts: '1.3.6.1.6.3.12.1.5.0',
} as const;
