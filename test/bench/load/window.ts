import type { DatagramDescriptor } from './datagram-descriptor.ts';
import type { Dialect } from './dialect.ts';

/** A request unanswered for this long is lost, in milliseconds. */
const LOST_AFTER_MS = 2000;
/** Largest window: slots have twelve bits of the request-id. */
export const MAX_WINDOW = 4096;
/** Keeps four octets the shortest form of every request-id. */
const ID_BASE = 0x4000_0000;
const SEQUENCE_MASK = 0x3_ffff;
/** A name has at most 128 sub-identifiers of at most five octets. */
const MAX_OID_OCTETS = 640;

/** A fixed number of requests in flight, each in a slot with the name that it asks for. */
export class Window {
  readonly size: number;
  /** Requests sent again because nothing answered the first. */
  lost = 0;
  readonly #names: Buffer;
  readonly #nameLengths: Int32Array;
  readonly #ids: Int32Array;
  readonly #sentAt: Float64Array;
  readonly #dialect: Dialect;
  readonly #socket: DatagramDescriptor;
  #sequence = 0;

  constructor(size: number, dialect: Dialect, socket: DatagramDescriptor) {
    this.size = size;
    this.#dialect = dialect;
    this.#socket = socket;
    this.#names = Buffer.alloc(size * MAX_OID_OCTETS);
    this.#nameLengths = new Int32Array(size);
    this.#ids = new Int32Array(size);
    this.#sentAt = new Float64Array(size);
  }

  /** Where the names of all slots are; slot's own begins at {@link nameAt}. */
  get names(): Uint8Array {
    return this.#names;
  }

  nameAt(slot: number): number {
    return slot * MAX_OID_OCTETS;
  }

  nameLength(slot: number): number {
    return this.#nameLengths[slot]!;
  }

  /** Lets a slot ask for another name from its next request on. */
  setName(slot: number, source: Uint8Array, at: number, length: number): void {
    const start = slot * MAX_OID_OCTETS;
    const names = this.#names;
    for (let i = 0; i < length; i++) names[start + i] = source[at + i]!;
    this.#nameLengths[slot] = length;
  }

  /** Sends a slot's request with a new request-id. */
  send(slot: number): void {
    const id = ID_BASE | ((this.#sequence++ & SEQUENCE_MASK) << 12) | slot;
    this.#ids[slot] = id;
    const bytes = this.#dialect.request(id, this.#names, this.nameAt(slot), this.#nameLengths[slot]!);
    this.#sentAt[slot] = performance.now();
    this.#socket.send(bytes);
  }

  /** The slot that waits for this request-id; -1 for an answer to a request already counted as lost. */
  slotOf(requestId: number): number {
    const slot = requestId & (MAX_WINDOW - 1);
    return slot < this.size && this.#ids[slot] === requestId ? slot : -1;
  }

  /** When a slot's request was sent, in milliseconds of `performance.now()`. */
  sentAt(slot: number): number {
    return this.#sentAt[slot]!;
  }

  /** Sends again what has been waiting for too long. */
  sendLostAgain(now: number): void {
    for (let slot = 0; slot < this.size; slot++) {
      if (now - this.#sentAt[slot]! <= LOST_AFTER_MS) continue;
      this.lost++;
      this.send(slot);
    }
  }
}
