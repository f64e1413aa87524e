import { Cursor } from './cursor.ts';
import type { Evaluation } from './evaluation.ts';

/** Cursors of the repeaters, reused; as many as the largest request had bindings. */
const cursors: Cursor[] = [];

/**
 * Answers a GetBulkRequest (RFC 3416 section 4.2.3).
 *
 * The answer is cut where it no longer fits one packet: behind the last whole repetition when there is
 * one, else behind the last binding. When not even one binding fits, it may take the whole room instead,
 * so that a walk always gets on.
 */
export function evaluateGetBulk(e: Evaluation): void {
  const { pdu } = e;
  // "If the value is negative, it is set to zero" (RFC 3416 section 4.2.3).
  const nonRepeaters = Math.min(Math.max(pdu.errorStatus, 0), pdu.count);
  const maxRepetitions = Math.max(pdu.errorIndex, 0);
  while (cursors.length < pdu.count) cursors.push(new Cursor());
  let binding = 0;
  try {
    for (; binding < nonRepeaters; binding++) {
      cursors[0]!.seek(e, binding);
      if (!appendFitting(e, cursors[0]!, binding)) return;
    }
    const repeaters = pdu.count - nonRepeaters;
    let wholeRepetitions = e.writer.end;
    let ended = repeaters === 0;
    for (let repetition = 0; repetition < maxRepetitions && !ended; repetition++) {
      const valuesBefore = e.valueCount;
      for (let r = 0; r < repeaters; r++) {
        binding = nonRepeaters + r;
        const cursor = cursors[r]!;
        if (repetition === 0) cursor.seek(e, binding);
        else cursor.advance(e);
        if (!appendFitting(e, cursor, binding)) {
          if (repetition > 0) {
            e.writer.end = wholeRepetitions;
            e.valueCount = valuesBefore;
          }
          return;
        }
      }
      wholeRepetitions = e.writer.end;
      // "If all the remaining variable bindings are endOfMibView, the response may be cut" (same section).
      ended = e.valueCount === valuesBefore;
    }
  } catch (thrown) {
    e.failProvider(thrown, binding + 1);
  }
}

/** Appends the cursor's binding and says whether it fitted; what did not is taken back. */
function appendFitting(e: Evaluation, cursor: Cursor, binding: number): boolean {
  const before = e.writer.end;
  cursor.append(e, binding);
  const limit = before === e.writer.start ? e.room : e.bulkRoom;
  if (e.written > limit) {
    e.writer.end = before;
    return false;
  }
  if (cursor.value !== undefined) e.valueCount++;
  return true;
}
