import { VERDICT } from '../access/compiled-view.ts';
import { TAG } from '../ber/tags.ts';
import { isPrefix } from '../mib/registry.ts';
import type { Value } from '../mib/value.ts';
import { appendInstance, appendInstanceException, appendRequested, type Evaluation } from './evaluation.ts';

/**
 * A place in the lexicographic order of all instances: on an instance, or behind the last one.
 *
 * Holes, what lies outside the view (RFC 3416 section 4.2.2), and for SNMPv1 the Counter64 objects (RFC 3584
 * section 4.2.2.1) are passed over.
 */
export class Cursor {
  /** Index of the leaf in the registry; only meaningful while `value` is there. */
  #leaf = -1;
  #position = -1;
  /** The value of the instance; `undefined` behind the last one. */
  value: Value | undefined = undefined;
  /** The last instance that was passed, for the name of endOfMibView; -1 when there was none. */
  #lastLeaf = -1;
  #lastPosition = -1;

  /** Goes to the first instance whose name is greater than that of a binding of the request. */
  seek(e: Evaluation, binding: number): void {
    const { pdu, registry } = e;
    const from = pdu.idsStart[binding]!;
    const to = pdu.idsStart[binding + 1]!;
    this.#lastLeaf = -1;
    this.#leaf = registry.floor(pdu.ids, from, to);
    this.#position = -1;
    if (this.#leaf >= 0) {
      const leaf = registry.leaves[this.#leaf]!;
      if (isPrefix(leaf.oid, pdu.ids, from, to)) {
        this.#position = leaf.rows.after(pdu.ids, from + leaf.oid.length, to);
      }
    }
    this.#settle(e);
  }

  /** Goes to the instance behind this one. */
  advance(e: Evaluation): void {
    if (this.value === undefined) return;
    this.#lastLeaf = this.#leaf;
    this.#lastPosition = this.#position;
    this.#position = e.registry.leaves[this.#leaf]!.rows.next(this.#position);
    this.#settle(e);
  }

  /** Appends the binding of this instance, or endOfMibView under the name that had no successor. */
  append(e: Evaluation, binding: number): void {
    if (this.value !== undefined) {
      appendInstance(e.writer, e.registry.leaves[this.#leaf]!, this.#position, this.value);
    } else if (this.#lastLeaf < 0) {
      appendRequested(e, binding, TAG.END_OF_MIB_VIEW);
    } else {
      const leaf = e.registry.leaves[this.#lastLeaf]!;
      appendInstanceException(e.writer, leaf, this.#lastPosition, TAG.END_OF_MIB_VIEW);
    }
  }

  /** From the place reached, goes on to the first instance that has a value to show. */
  #settle(e: Evaluation): void {
    const { leaves } = e.registry;
    const { verdicts } = e.view;
    for (;;) {
      while (this.#position < 0) {
        const leaf = leaves[++this.#leaf];
        if (!leaf) {
          this.value = undefined;
          return;
        }
        if (verdicts[this.#leaf] !== VERDICT.out) this.#position = leaf.rows.first();
      }
      const leaf = leaves[this.#leaf]!;
      const verdict = verdicts[this.#leaf];
      if (verdict === VERDICT.out || (e.v1 && leaf.tag === TAG.COUNTER64)) {
        this.#position = -1;
        continue;
      }
      if (verdict === VERDICT.partial) {
        this.#position = e.view.firstVisible(this.#leaf, leaf.rows, this.#position);
        if (this.#position < 0) continue;
      }
      this.value = leaf.read(leaf.rows.row(this.#position));
      if (this.value !== undefined) return;
      this.#position = leaf.rows.next(this.#position);
    }
  }
}
