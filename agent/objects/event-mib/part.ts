import { VERDICT, type View } from '../../access/compiled-view.ts';
import { Writer } from '../../ber/writer.ts';
import { indexAt } from '../../mib/instances.ts';
import { isPrefix } from '../../mib/registry.ts';
import type { Value } from '../../mib/value.ts';
import type { Oid } from '../../util/oid.ts';
import { InstanceState } from './instance-state.ts';
import { InstanceStates } from './instance-states.ts';
import { type CoveredLeaf, indexIds } from './object-names.ts';

/** How many more rows may be looked at in a slice. */
export interface Budget {
  left: number;
}

/** Hears of the instances of a {@link Part}, in the order of their names. Each state is only good while it is told of. */
export interface PartListener {
  /** Whether one more instance may be watched. */
  admit(part: Part): boolean;
  /** An instance is there; its state is clear where it was not at the sample before. */
  found(part: Part, state: InstanceState, value: Value, view: View): void;
  /** An instance is not there any more. */
  gone(part: Part, state: InstanceState): void;
}

const writer = new Writer();
const scratch = new InstanceState();

/** The instances of one object type that a wildcard covers, with what is remembered of each. */
export class Part {
  readonly leaf: CoveredLeaf['leaf'];
  readonly #at: number;
  readonly #rest: Oid;
  #states = new InstanceStates();
  /** Those of the sample under way, once they are not the ones that there were. Until then these are changed in place. */
  #others: InstanceStates | undefined;
  /** Place in the states of the sample before of what is expected next. */
  #expected = 0;
  /** Index of the row that was looked at last; what all begin with before the first. */
  #index: Oid;
  /** Place of the instance at hand in the states of the sample before; -1 while it is the one that was just written. */
  #place = -1;
  /** How many instances are watched. */
  #count = 0;

  constructor({ leaf, at, rest }: CoveredLeaf) {
    this.leaf = leaf;
    this.#at = at;
    this.#rest = rest;
    this.#index = rest;
  }

  /** Whether nothing of it may be seen. */
  isHidden(view: View): boolean {
    return view.verdicts[this.#at] === VERDICT.out;
  }

  /** The name of the instance that a listener is told of. */
  get name(): Oid {
    const octets = this.#place < 0 ? writtenIndex() : this.#states.index(this.#place);
    return [...this.leaf.oid, ...indexIds(octets)];
  }

  /** Forgets all instances without a word, and returns how many there were. */
  forget(): number {
    const count = this.#count;
    this.#states = new InstanceStates();
    this.#count = 0;
    this.#end();
    return count;
  }

  /** Goes on with a sample, or begins one, as far as the budget goes; whether it is complete. */
  advance(view: View, budget: Budget, listener: PartListener): boolean {
    const { rows } = this.leaf;
    const from = this.#index;
    // A part without a row takes time as well.
    budget.left--;
    let passed = -1;
    let position = from.length > 0 ? rows.after(from, 0, from.length) : rows.first();
    for (; position >= 0 && this.#isWithin(position); position = rows.next(position)) {
      if (budget.left <= 0 || !this.#passRow(position, view, budget, listener)) {
        if (passed >= 0) this.#index = indexAt(this.leaf, passed);
        return false;
      }
      passed = position;
    }
    if (passed >= 0) this.#index = indexAt(this.leaf, passed);
    while (this.#expected < this.#states.count) {
      if (budget.left <= 0) return false;
      this.#passGone(budget, listener);
    }
    this.#states = this.#others ?? this.#states;
    this.#end();
    return true;
  }

  #end(): void {
    this.#others = undefined;
    this.#expected = 0;
    this.#index = this.#rest;
  }

  #isWithin(position: number): boolean {
    const rest = this.#rest;
    if (rest.length === 0) return true;
    const index = indexAt(this.leaf, position);
    return isPrefix(rest, index, 0, index.length);
  }

  #isVisible(position: number, view: View): boolean {
    if (view.verdicts[this.#at] !== VERDICT.partial) return true;
    const name = [...this.leaf.oid, ...indexAt(this.leaf, position)];
    return view.contains(name, 0, name.length);
  }

  /** Looks at a row; false when the budget ended with what stood before it, so that it is still to be looked at. */
  #passRow(position: number, view: View, budget: Budget, listener: PartListener): boolean {
    budget.left--;
    if (!this.#isVisible(position, view)) return true;
    const { rows, read } = this.leaf;
    const value = read(rows.row(position));
    if (value === undefined) return true;
    writer.reset();
    rows.appendIndex(position, writer);
    const { bytes, start, end } = writer;
    let order = this.#states.compare(this.#expected, bytes, start, end);
    while (order < 0) {
      if (budget.left <= 0) return false;
      this.#passGone(budget, listener);
      order = this.#states.compare(this.#expected, bytes, start, end);
    }
    this.#place = -1;
    if (order === 0) {
      this.#states.load(this.#expected, scratch);
      listener.found(this, scratch, value, view);
      if (this.#others) this.#others.push(bytes, start, end, scratch);
      else this.#states.save(this.#expected, scratch);
      this.#expected++;
    } else if (listener.admit(this)) {
      this.#count++;
      scratch.clear();
      listener.found(this, scratch, value, view);
      this.#others ??= this.#states.first(this.#expected);
      this.#others.push(bytes, start, end, scratch);
    }
    return true;
  }

  #passGone(budget: Budget, listener: PartListener): void {
    budget.left--;
    this.#others ??= this.#states.first(this.#expected);
    this.#place = this.#expected;
    this.#states.load(this.#place, scratch);
    listener.gone(this, scratch);
    this.#expected++;
    this.#count--;
  }
}

/** The index that was just written, a character for each octet. */
function writtenIndex(): string {
  const { bytes, start, end } = writer;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
