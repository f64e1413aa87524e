import {
  element,
  fillIn,
  pduTemplate,
  type RequestShape,
  type RequestTemplate,
  wrapped,
} from './request-template.ts';
import type { ResponseReader } from './response-reader.ts';

/** A version of SNMP as the load speaks it: requests of one binding, and the responses to them. */
export interface Dialect {
  /**
   * Encodes a request for names[at..at + length) with an id of 2^30 to 2^31-1.
   * The octets are valid until the next request.
   */
  request(id: number, names: Uint8Array, at: number, length: number): Uint8Array;
  /** Opens the response in the first `length` octets of the reader's buffer; false when it is none. */
  open(response: ResponseReader, length: number): boolean;
}

const SNMP_V2C = element(0x02, [1]);

/** SNMPv2c (RFC 1901 section 3). */
export class CommunityDialect implements Dialect {
  readonly #shape: RequestShape;
  readonly #community: Uint8Array;
  /** By the length of the name. */
  readonly #templates: RequestTemplate[] = [];

  constructor(shape: RequestShape, community: string) {
    this.#shape = shape;
    this.#community = element(0x04, Buffer.from(community));
  }

  request(id: number, names: Uint8Array, at: number, length: number): Uint8Array {
    this.#templates[length] ??= wrapped(pduTemplate(this.#shape, length), SNMP_V2C, this.#community);
    const template = this.#templates[length];
    fillIn(template, id, names, at, length);
    return template.bytes;
  }

  open(response: ResponseReader, length: number): boolean {
    const { cursor } = response;
    cursor.reset(length);
    cursor.enterLast(0x30);
    cursor.skip();
    cursor.skip();
    return response.openPdu();
  }
}
