/**
 * SNMP messages for tests, written from X.690 and RFC 3416 with nothing of the agent's own codec, so that
 * one mistake cannot stand in both. Numbers are bigints and octets plain arrays: slow, and easy to check.
 */

/** Identifier octets of values and PDUs by the names of the RFCs. */
export const WIRE = {
  Integer: 0x02,
  OctetString: 0x04,
  Null: 0x05,
  ObjectIdentifier: 0x06,
  Sequence: 0x30,
  IpAddress: 0x40,
  Counter32: 0x41,
  Gauge32: 0x42,
  TimeTicks: 0x43,
  Opaque: 0x44,
  Counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
  get: 0xa0,
  getNext: 0xa1,
  response: 0xa2,
  set: 0xa3,
  trapV1: 0xa4,
  getBulk: 0xa5,
  inform: 0xa6,
  trapV2: 0xa7,
  report: 0xa8,
} as const;

/** A value on the wire: numbers as bigint, octets as a latin1 string, identifiers dotted, NULL and exceptions null. */
export interface WireValue {
  readonly tag: number;
  readonly value: bigint | string | null;
}

/** A name in dotted decimal and its value. */
export interface WireVarbind {
  readonly oid: string;
  readonly value: WireValue;
}

/** A message that carries variable bindings; `fieldA` and `fieldB` are error-status and error-index, or the fields of GETBULK. */
export interface WireMessage {
  readonly version: number;
  readonly community: string;
  readonly type: number;
  readonly requestId: number;
  readonly fieldA: number;
  readonly fieldB: number;
  readonly varbinds: readonly WireVarbind[];
}

/** How lengths are written: `minimal`, or always this many octets behind 0x80 + n. */
export type LengthForm = 'minimal' | 1 | 2 | 3 | 4;

const NUMBERS: readonly number[] = [
  WIRE.Integer,
  WIRE.Counter32,
  WIRE.Gauge32,
  WIRE.TimeTicks,
  WIRE.Counter64,
];
const EMPTY: readonly number[] = [WIRE.Null, WIRE.noSuchObject, WIRE.noSuchInstance, WIRE.endOfMibView];

/** Values by type. */
export const value = {
  null: { tag: WIRE.Null, value: null },
  noSuchObject: { tag: WIRE.noSuchObject, value: null },
  noSuchInstance: { tag: WIRE.noSuchInstance, value: null },
  endOfMibView: { tag: WIRE.endOfMibView, value: null },
  integer: (number: number | bigint): WireValue => ({ tag: WIRE.Integer, value: BigInt(number) }),
  octets: (latin1: string): WireValue => ({ tag: WIRE.OctetString, value: latin1 }),
  oid: (dotted: string): WireValue => ({ tag: WIRE.ObjectIdentifier, value: dotted }),
  address: (latin1: string): WireValue => ({ tag: WIRE.IpAddress, value: latin1 }),
  counter32: (number: number | bigint): WireValue => ({ tag: WIRE.Counter32, value: BigInt(number) }),
  gauge32: (number: number | bigint): WireValue => ({ tag: WIRE.Gauge32, value: BigInt(number) }),
  ticks: (number: number | bigint): WireValue => ({ tag: WIRE.TimeTicks, value: BigInt(number) }),
  opaque: (latin1: string): WireValue => ({ tag: WIRE.Opaque, value: latin1 }),
  counter64: (number: number | bigint): WireValue => ({ tag: WIRE.Counter64, value: BigInt(number) }),
} as const;

/** An element: identifier, length, content (X.690 section 8.1). */
export function element(tag: number, content: readonly number[], form: LengthForm = 'minimal'): number[] {
  return [tag, ...lengthOctets(content.length, form), ...content];
}

function lengthOctets(length: number, form: LengthForm): number[] {
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  if (form === 'minimal') return length < 128 ? [length] : [0x80 + octets.length, ...octets];
  if (octets.length > form) throw new Error(`a length of ${length} does not fit ${form} octets`);
  return [0x80 + form, ...new Array<number>(form - octets.length).fill(0), ...octets];
}

/** Content octets of a two's complement integer (X.690 section 8.3), in at least `width` octets. */
export function integerOctets(number: bigint, width = 1): number[] {
  let size = width;
  while (BigInt.asIntN(size * 8, number) !== number) size++;
  const digits = BigInt.asUintN(size * 8, number)
    .toString(16)
    .padStart(size * 2, '0');
  return Array.from({ length: size }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}

/** Content octets of an object identifier (X.690 section 8.19). */
export function oidOctets(dotted: string): number[] {
  const [root, arc, ...others] = dotted.split('.').map(BigInt);
  return [root! * 40n + arc!, ...others].flatMap((subid) => {
    const digits = subid.toString(2);
    const padded = digits.padStart(Math.ceil(digits.length / 7) * 7, '0');
    const septets = padded.match(/.{7}/g)!.map((septet) => Number.parseInt(septet, 2));
    return septets.map((septet, i) => (i < septets.length - 1 ? septet + 128 : septet));
  });
}

/** A value as an element. */
export function valueElement({ tag, value: content }: WireValue, form: LengthForm = 'minimal'): number[] {
  if (content === null) return element(tag, [], form);
  if (typeof content === 'bigint') return element(tag, integerOctets(content), form);
  if (tag === WIRE.ObjectIdentifier) return element(tag, oidOctets(content), form);
  return element(tag, Array.from(Buffer.from(content, 'latin1')), form);
}

/** A variable binding as an element. */
export function varbindElement({ oid, value: bound }: WireVarbind, form: LengthForm = 'minimal'): number[] {
  const name = element(WIRE.ObjectIdentifier, oidOctets(oid), form);
  return element(WIRE.Sequence, [...name, ...valueElement(bound, form)], form);
}

/** A PDU out of its fields and a binding list whose content is given. */
export function pduElement(
  message: Pick<WireMessage, 'type' | 'requestId' | 'fieldA' | 'fieldB'>,
  bindings: readonly number[],
  form: LengthForm = 'minimal',
): number[] {
  const fields = [message.requestId, message.fieldA, message.fieldB].flatMap((field) =>
    valueElement(value.integer(field), form),
  );
  return element(message.type, [...fields, ...element(WIRE.Sequence, bindings, form)], form);
}

/** A message around elements that stand for the PDU. */
export function envelope(
  version: number,
  community: string,
  pdu: readonly number[],
  form: LengthForm = 'minimal',
): Uint8Array {
  const head = [
    ...valueElement(value.integer(version), form),
    ...valueElement(value.octets(community), form),
  ];
  return Uint8Array.from(element(WIRE.Sequence, [...head, ...pdu], form));
}

/** A whole message. */
export function encode(message: WireMessage, form: LengthForm = 'minimal'): Uint8Array {
  const bindings = message.varbinds.flatMap((varbind) => varbindElement(varbind, form));
  return envelope(message.version, message.community, pduElement(message, bindings, form), form);
}

/** One decoded element: where it stands, and its content. */
export interface WireElement {
  readonly tag: number;
  readonly content: Uint8Array;
}

/**
 * Splits octets into elements that fill them exactly.
 * `strict` also wants lengths in their shortest form. Throws when the octets are not so.
 */
export function elements(octets: Uint8Array, strict: boolean): WireElement[] {
  const found: WireElement[] = [];
  let at = 0;
  while (at < octets.length) {
    const tag = octets[at]!;
    let length = octets[at + 1];
    if (length === undefined) throw new Error('an element without a length');
    let start = at + 2;
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count === 0) throw new Error('an indefinite length');
      const digits = octets.subarray(start, start + count);
      if (digits.length < count) throw new Error('a length that is cut short');
      length = digits.reduce((sum, digit) => sum * 256 + digit, 0);
      start += count;
      if (strict && (length < 0x80 || digits[0] === 0)) throw new Error('a length that is not minimal');
    }
    if (start + length > octets.length) throw new Error('an element beyond the end');
    found.push({ tag, content: octets.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

/**
 * Decodes a whole message. Throws when it is not one of SNMPv1 or v2c with variable bindings.
 * With `values` false the values are left as octets, since an error answer repeats whatever was asked.
 */
export function decode(octets: Uint8Array, strict = true, values = true): WireMessage {
  const [outer, ...behind] = elements(octets, strict);
  if (outer?.tag !== WIRE.Sequence || behind.length > 0) throw new Error('not one SEQUENCE');
  const [version, community, pdu, ...more] = elements(outer.content, strict);
  if (!version || !community || !pdu || more.length > 0) throw new Error('not three fields in a message');
  const [requestId, fieldA, fieldB, list, ...rest] = elements(pdu.content, strict);
  if (list?.tag !== WIRE.Sequence || rest.length > 0) throw new Error('not four fields in a PDU');
  const number = (field: WireElement | undefined) => Number(integerOf(field, strict));
  return {
    version: number(version),
    community: Buffer.from(community.content).toString('latin1'),
    type: pdu.tag,
    requestId: number(requestId),
    fieldA: number(fieldA),
    fieldB: number(fieldB),
    varbinds: elements(list.content, strict).map((varbind) => varbindOf(varbind, strict, values)),
  };
}

function integerOf(field: WireElement | undefined, strict: boolean): bigint {
  if (field?.tag !== WIRE.Integer) throw new Error('not an INTEGER');
  return numberOf(field.content, strict);
}

function numberOf(content: Uint8Array, strict: boolean): bigint {
  if (content.length === 0) throw new Error('a number without octets');
  const number = BigInt.asIntN(content.length * 8, BigInt(`0x${Buffer.from(content).toString('hex')}`));
  if (strict && integerOctets(number).length !== content.length)
    throw new Error('a number that is not minimal');
  return number;
}

function varbindOf({ tag, content }: WireElement, strict: boolean, values: boolean): WireVarbind {
  const [name, bound, ...more] = elements(content, strict);
  if (tag !== WIRE.Sequence || name?.tag !== WIRE.ObjectIdentifier || !bound || more.length > 0) {
    throw new Error('not a variable binding');
  }
  const undecoded = () => ({ tag: bound.tag, value: Buffer.from(bound.content).toString('latin1') });
  return { oid: dottedOf(name.content), value: values ? valueFrom(bound, strict) : undecoded() };
}

/** Decodes one value. Throws when its content does not suit its tag. */
export function valueFrom({ tag, content }: WireElement, strict: boolean): WireValue {
  if (EMPTY.includes(tag)) {
    if (content.length > 0) throw new Error('content where there is none');
    return { tag, value: null };
  }
  // No number is without octets, but an answer may repeat one that its request gave so.
  if (NUMBERS.includes(tag)) return { tag, value: content.length > 0 ? numberOf(content, strict) : null };
  if (tag === WIRE.ObjectIdentifier) return { tag, value: dottedOf(content) };
  return { tag, value: Buffer.from(content).toString('latin1') };
}

/** Content octets of an object identifier in dotted decimal; no octets are 0.0. */
export function dottedOf(content: Uint8Array): string {
  const subids: bigint[] = [];
  let subid = 0n;
  let open = false;
  for (const octet of content) {
    if (!open && octet === 0x80) throw new Error('a padded sub-identifier');
    subid = subid * 128n + BigInt(octet & 0x7f);
    open = octet >= 0x80;
    if (open) continue;
    if (subids.length > 0) subids.push(subid);
    else subids.push(subid < 80n ? subid / 40n : 2n, subid < 80n ? subid % 40n : subid - 80n);
    subid = 0n;
  }
  if (open) throw new Error('a sub-identifier that is cut short');
  return subids.length > 0 ? subids.join('.') : '0.0';
}
