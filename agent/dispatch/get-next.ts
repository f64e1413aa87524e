import { ERROR_STATUS } from '../message/constants.ts';
import { Cursor } from './cursor.ts';
import type { Evaluation } from './evaluation.ts';

const cursor = new Cursor();

/** Answers a GetNextRequest (RFC 3416 section 4.2.2; RFC 1157 section 4.1.3 for SNMPv1). */
export function evaluateGetNext(e: Evaluation): void {
  let binding = 0;
  try {
    for (; binding < e.pdu.count; binding++) {
      cursor.seek(e, binding);
      // RFC 3584 section 4.2.2.2: the end of the view is noSuchName for SNMPv1.
      if (cursor.value === undefined && e.v1) return e.fail(ERROR_STATUS.noSuchName, binding + 1);
      cursor.append(e, binding);
      if (cursor.value !== undefined) e.valueCount++;
      if (e.written > e.room) return e.tooBig();
    }
  } catch (thrown) {
    e.failProvider(thrown, binding + 1);
  }
}
