import { createHmac } from 'node:crypto';
import { AUTH, type V3Fields } from '../support/v3-messages.ts';
import { elements, type WireElement } from '../support/wire.ts';

type AuthKey = NonNullable<V3Fields['auth']>;

/** The outer fields of a message, and where its digest is. */
export interface V3Header {
  readonly messageId: number;
  readonly maxSize: number;
  readonly flags: number;
  readonly userName: string;
  /** Octets of the message; more may follow in the datagram. */
  readonly length: number;
  readonly digestAt: number;
  readonly digestLength: number;
}

/** Reads the outer fields of an SNMPv3 message with lengths in any form. Throws when there are none. */
export function headerOf(datagram: Uint8Array): V3Header {
  const outer = firstElement(datagram);
  const [, global, parameters] = elements(outer.content, false);
  const [messageId, maxSize, flags] = elements(global!.content, false);
  const [security] = elements(parameters!.content, false);
  const [, , , userName, digest] = elements(security!.content, false);
  return {
    messageId: unsigned(messageId!),
    maxSize: unsigned(maxSize!),
    flags: flags!.content[0]!,
    userName: Buffer.from(userName!.content).toString('latin1'),
    length: outer.content.byteOffset - datagram.byteOffset + outer.content.length,
    digestAt: digest!.content.byteOffset - datagram.byteOffset,
    digestLength: digest!.content.length,
  };
}

/** The digest that a message should have, whatever stands in its place. */
export function digestOf(datagram: Uint8Array, header: V3Header, { name, key }: AuthKey): Uint8Array {
  const { digestAt, digestLength, length } = header;
  const unsignedMessage = datagram.slice(0, length);
  unsignedMessage.fill(0, digestAt, digestAt + digestLength);
  const { hash, digest } = AUTH[name];
  return createHmac(hash, key).update(unsignedMessage).digest().subarray(0, digest);
}

/** Whether a message has the right digest. */
export function isSigned(datagram: Uint8Array, header: V3Header, key: AuthKey | undefined): boolean {
  const { digestAt, digestLength } = header;
  const digest = datagram.subarray(digestAt, digestAt + digestLength);
  return key !== undefined && Buffer.compare(digestOf(datagram, header, key), digest) === 0;
}

/** The element that a datagram begins with, whatever follows. */
function firstElement(datagram: Uint8Array): WireElement {
  const form = datagram[1] ?? 0;
  const head = form < 0x80 ? 2 : 2 + form - 0x80;
  const length = form < 0x80 ? form : unsigned({ tag: 0, content: datagram.subarray(2, head) });
  return elements(datagram.subarray(0, head + length), false)[0]!;
}

function unsigned({ content }: WireElement): number {
  return content.reduce((sum, octet) => sum * 256 + octet, 0);
}
