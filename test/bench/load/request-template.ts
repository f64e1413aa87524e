/** The requests that the load consists of. */
export const KINDS = ['GET', 'GETNEXT', 'GETBULK'] as const;

/** A kind of request. */
export type Kind = (typeof KINDS)[number];

/** PDU tags (RFC 3416 section 3). */
const PDU_TAG: Record<Kind, number> = { GET: 0xa0, GETNEXT: 0xa1, GETBULK: 0xa5 };
/** Any request-id whose shortest form has four octets would do; see {@link RequestTemplate.idAt}. */
const PLACEHOLDER_ID = [0x40, 0, 0, 0];

/** What all requests of one round ask for. */
export interface RequestShape {
  readonly kind: Kind;
  /** max-repetitions of GETBULK; its non-repeaters is 0. */
  readonly repetitions: number;
}

/** An encoded request of one binding, in which only request-id and name are left to fill in. */
export interface RequestTemplate {
  readonly bytes: Buffer;
  /** Offset of the four octets of request-id; only values from 2^23 to 2^31-1 are minimal BER there. */
  readonly idAt: number;
  /** Offset of the content octets of the binding's name. */
  readonly oidAt: number;
}

/** Encodes the PDU of a request whose name has `oidLength` content octets. */
export function pduTemplate(shape: RequestShape, oidLength: number): RequestTemplate {
  const name = element(0x06, Buffer.alloc(oidLength));
  const binding = element(0x30, Buffer.concat([name, element(0x05)]));
  const bindings = element(0x30, binding);
  const repetitions = shape.kind === 'GETBULK' ? shape.repetitions : 0;
  const header = Buffer.concat([
    element(0x02, PLACEHOLDER_ID),
    element(0x02, [0]),
    element(0x02, [repetitions]),
  ]);
  const bytes = element(PDU_TAG[shape.kind], Buffer.concat([header, bindings]));
  const headerAt = bytes.length - bindings.length - header.length;
  return { bytes, idAt: headerAt + 2, oidAt: bytes.length - oidLength - 2 };
}

/** A template in a SEQUENCE, behind elements that stay as they are. */
export function wrapped(template: RequestTemplate, ...before: readonly Uint8Array[]): RequestTemplate {
  const bytes = element(0x30, Buffer.concat([...before, template.bytes]));
  const shift = bytes.length - template.bytes.length;
  return { bytes, idAt: template.idAt + shift, oidAt: template.oidAt + shift };
}

/** Fills in request-id and name, which is names[at..at + length). */
export function fillIn(
  { bytes, idAt, oidAt }: RequestTemplate,
  id: number,
  names: Uint8Array,
  at: number,
  length: number,
): void {
  putId(bytes, idAt, id);
  for (let i = 0; i < length; i++) bytes[oidAt + i] = names[at + i]!;
}

/** Writes four octets, most significant first. */
export function putId(bytes: Uint8Array, at: number, id: number): void {
  bytes[at] = id >>> 24;
  bytes[at + 1] = id >>> 16;
  bytes[at + 2] = id >>> 8;
  bytes[at + 3] = id;
}

/** Encodes an element of less than 64 KiB. */
export function element(tag: number, content: ArrayLike<number> = []): Buffer {
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), Uint8Array.from(content)]);
}

/** Encodes an INTEGER of 0 to 2^31-1. */
export function integerElement(value: number): Buffer {
  const octets = [value & 0xff];
  for (let rest = value >>> 8; rest > 0; rest >>>= 8) octets.unshift(rest & 0xff);
  return element(0x02, octets[0]! < 0x80 ? octets : [0, ...octets]);
}
