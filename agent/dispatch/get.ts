import { VERDICT } from '../access/compiled-view.ts';
import { TAG } from '../ber/tags.ts';
import { ERROR_STATUS } from '../message/constants.ts';
import { appendValue } from '../mib/value.ts';
import { appendRequested, appendRequestedName, type Evaluation, leafOf } from './evaluation.ts';

/** Answers a GetRequest (RFC 3416 section 4.2.1; RFC 1157 section 4.1.2 for SNMPv1). */
export function evaluateGet(e: Evaluation): void {
  const { pdu, registry, writer, view } = e;
  let binding = 0;
  try {
    for (; binding < pdu.count; binding++) {
      const from = pdu.idsStart[binding]!;
      const to = pdu.idsStart[binding + 1]!;
      const at = leafOf(e, from, to);
      const leaf = at < 0 ? undefined : registry.leaves[at];
      let exception: number = TAG.NO_SUCH_OBJECT;
      // An object of which no instance is in the view is as good as not there; of one that is in the view in part,
      // an instance outside is (RFC 3416 section 4.2.1: accessible by this request).
      if (leaf && view.verdicts[at] !== VERDICT.out && !(e.v1 && leaf.tag === TAG.COUNTER64)) {
        exception = TAG.NO_SUCH_INSTANCE;
        const visible = view.verdicts[at] === VERDICT.in || view.contains(pdu.ids, from, to);
        const position = visible ? leaf.rows.find(pdu.ids, from + leaf.oid.length, to) : -1;
        const value = position < 0 ? undefined : leaf.read(leaf.rows.row(position));
        if (value !== undefined) {
          exception = 0;
          const mark = writer.open(TAG.SEQUENCE);
          appendRequestedName(e, binding);
          appendValue(writer, leaf.tag, value);
          writer.close(mark);
          e.valueCount++;
        }
      }
      if (exception !== 0) {
        // RFC 3584 section 4.2.2.1: what SNMPv2 calls an exception is noSuchName for SNMPv1.
        if (e.v1) return e.fail(ERROR_STATUS.noSuchName, binding + 1);
        appendRequested(e, binding, exception);
      }
      if (e.written > e.room) return e.tooBig();
    }
  } catch (thrown) {
    e.failProvider(thrown, binding + 1);
  }
}
