/** The requests that the load consists of. */
export const KINDS = ['GET', 'GETNEXT', 'GETBULK'] as const;

/** A kind of request. */
export type Kind = (typeof KINDS)[number];

/** PDU tags (RFC 3416 section 3). */
const PDU_TAG: Record<Kind, number> = { GET: 0xa0, GETNEXT: 0xa1, GETBULK: 0xa5 };
const SNMP_V2C = 1;
/** Any request-id whose shortest form has four octets would do; see {@link RequestTemplate.idAt}. */
const PLACEHOLDER_ID = [0x40, 0, 0, 0];

/** What all requests of one round have in common. */
export interface RequestShape {
  readonly kind: Kind;
  readonly community: string;
  /** max-repetitions of GETBULK; its non-repeaters is 0. */
  readonly repetitions: number;
}

/** An encoded SNMPv2c request of one binding, in which only request-id and name are left to fill in. */
export interface RequestTemplate {
  readonly bytes: Buffer;
  /** Offset of the four octets of request-id; only values from 2^23 to 2^31-1 are minimal BER there. */
  readonly idAt: number;
  /** Offset of the content octets of the binding's name. */
  readonly oidAt: number;
}

/** Encodes a request whose name has `oidLength` content octets. */
export function requestTemplate(shape: RequestShape, oidLength: number): RequestTemplate {
  const name = element(0x06, Buffer.alloc(oidLength));
  const binding = element(0x30, Buffer.concat([name, element(0x05, Buffer.alloc(0))]));
  const bindings = element(0x30, binding);
  const repetitions = shape.kind === 'GETBULK' ? shape.repetitions : 0;
  const header = Buffer.concat([
    element(0x02, Buffer.from(PLACEHOLDER_ID)),
    element(0x02, Buffer.from([0])),
    element(0x02, Buffer.from([repetitions])),
  ]);
  const pdu = element(PDU_TAG[shape.kind], Buffer.concat([header, bindings]));
  const community = element(0x04, Buffer.from(shape.community));
  const bytes = element(0x30, Buffer.concat([element(0x02, Buffer.from([SNMP_V2C])), community, pdu]));
  const headerAt = bytes.length - bindings.length - header.length;
  return { bytes, idAt: headerAt + 2, oidAt: bytes.length - oidLength - 2 };
}

function element(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}
