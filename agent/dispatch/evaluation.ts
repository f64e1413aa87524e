import { NOTHING, View } from '../access/compiled-view.ts';
import { TAG } from '../ber/tags.ts';
import type { Writer } from '../ber/writer.ts';
import { ERROR_STATUS, type ErrorStatus } from '../message/constants.ts';
import type { Pdu } from '../message/pdu.ts';
import type { Requester } from '../mib/module.ts';
import { isPrefix, type Leaf, type Registry } from '../mib/registry.ts';
import { appendValue, type Value } from '../mib/value.ts';
import type { Logger } from '../util/logger.ts';

/** What of the request becomes the response's binding list. */
export type ResponseBindings = 'written' | 'echoed' | 'empty';

const NOBODY: Requester = { securityModel: 0, securityName: '', securityLevel: 1 };

/**
 * One request while it is answered, and what came out of it; reused for every request of an agent.
 *
 * The bindings of the answer are written straight into `writer`, whose start does not move meanwhile.
 */
export class Evaluation {
  readonly pdu: Pdu;
  readonly writer: Writer;
  readonly registry: Registry;
  readonly logger: Logger;
  /** SNMPv1: no exceptions, no Counter64, error-status values of RFC 1157 (RFC 3584 section 4.2). */
  v1 = false;
  /** What the requester may see, or for a SetRequest may write (RFC 3415). */
  view: View;
  requester: Requester = NOBODY;
  /** Octets that the bindings may take in a GETBULK answer that is to stay in one packet. */
  bulkRoom = 0;
  /** Octets that the bindings may take at all. */
  room = 0;

  status: ErrorStatus = ERROR_STATUS.noError;
  /** error-index: the binding to blame, from 1; 0 for none. */
  index = 0;
  bindings: ResponseBindings = 'written';
  /** Values in a successful answer, exceptions not counted. */
  valueCount = 0;

  constructor(pdu: Pdu, writer: Writer, registry: Registry, logger: Logger) {
    this.pdu = pdu;
    this.writer = writer;
    this.registry = registry;
    this.logger = logger;
    this.view = new View(registry.leaves, NOTHING);
  }

  begin(v1: boolean, requester: Requester, view: View, room: number, bulkRoom: number): void {
    this.v1 = v1;
    this.requester = requester;
    this.view = view;
    this.room = room;
    this.bulkRoom = Math.min(room, bulkRoom);
    this.status = ERROR_STATUS.noError;
    this.index = 0;
    this.bindings = 'written';
    this.valueCount = 0;
  }

  /** Octets of bindings written so far. */
  get written(): number {
    return this.writer.end - this.writer.start;
  }

  /** Ends in an error: the answer carries the request's own bindings (RFC 3416 section 4.2). */
  fail(status: ErrorStatus, index: number): void {
    this.status = status;
    this.index = index;
    this.bindings = 'echoed';
    this.valueCount = 0;
  }

  /**
   * Ends because the answer would not fit. RFC 3416 section 4.2.1 wants an empty binding list;
   * RFC 1157 section 4.1.2 wants the request's.
   */
  tooBig(): void {
    this.fail(ERROR_STATUS.tooBig, 0);
    if (!this.v1) this.bindings = 'empty';
  }

  /** Ends because an object's own code threw: the detail is logged and never sent. */
  failProvider(thrown: unknown, index: number): void {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    this.logger.error('an object could not be read or set', { binding: index, error: text });
    this.fail(ERROR_STATUS.genErr, index);
  }
}

/** Index of the leaf that ids[from..to) of the request belongs to; -1 when it belongs to none. */
export function leafOf({ registry, pdu }: Evaluation, from: number, to: number): number {
  const at = registry.floor(pdu.ids, from, to);
  return at >= 0 && isPrefix(registry.leaves[at]!.oid, pdu.ids, from, to) ? at : -1;
}

/** Appends a binding under the requested name, copied as it came. */
export function appendRequested(e: Evaluation, binding: number, exception: number): void {
  const mark = e.writer.open(TAG.SEQUENCE);
  appendRequestedName(e, binding);
  e.writer.appendEmpty(exception);
  e.writer.close(mark);
}

/** Appends the name of one of the request's bindings, copied as it came. */
export function appendRequestedName(e: Evaluation, binding: number): void {
  e.writer.append(e.pdu.bytes, e.pdu.nameStart[binding]!, e.pdu.valueStart[binding]!);
}

/** Appends the binding of an instance that was found. */
export function appendInstance(writer: Writer, leaf: Leaf, position: number, value: Value): void {
  const start = openInstance(writer, leaf, position);
  appendValue(writer, leaf.tag, value);
  writer.close(start + 2);
}

/** Appends a binding that names an instance and has an exception for a value. */
export function appendInstanceException(
  writer: Writer,
  leaf: Leaf,
  position: number,
  exception: number,
): void {
  const start = openInstance(writer, leaf, position);
  writer.appendEmpty(exception);
  writer.close(start + 2);
}

/** Appends the beginning of a binding up to its value; returns where it starts. Its content begins 2 octets behind. */
function openInstance(writer: Writer, leaf: Leaf, position: number): number {
  const start = writer.end;
  writer.appendWords(leaf.head, 0, leaf.headLength);
  leaf.rows.appendIndex(position, writer);
  // The name's own content begins behind its header, which follows the SEQUENCE's.
  writer.close(start + 4);
  return start;
}
