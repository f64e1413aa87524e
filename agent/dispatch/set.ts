import { ERROR_STATUS, type ErrorStatus } from '../message/constants.ts';
import type { PreparedSet, SetTest } from '../mib/module.ts';
import type { Leaf } from '../mib/registry.ts';
import { scalarRows } from '../mib/rows.ts';
import { checkValue, isPossibleIndex } from '../mib/syntax.ts';
import { decodeValue, type Value } from '../mib/value.ts';
import { errorText } from '../util/errors.ts';
import type { Oid } from '../util/oid.ts';
import type { Evaluation } from './evaluation.ts';

/** One assignment of the request that has passed the checks that need nothing but its own binding. */
interface Assignment {
  readonly leaf: Leaf;
  readonly index: Oid;
  readonly value: Value;
  /** error-index of its binding, from 1. */
  readonly binding: number;
}

/** The assignments of the request to one scalar or one row, tested and committed together. */
type Group = readonly [Assignment, ...Assignment[]];

class Refusal {
  readonly status: ErrorStatus;
  readonly binding: number;

  constructor(status: ErrorStatus, binding: number) {
    this.status = status;
    this.binding = binding;
  }
}

/**
 * Answers a SetRequest (RFC 3416 section 4.2.5): every binding is tested before any is changed, and a
 * change that fails takes back those made before it.
 */
export function evaluateSet(e: Evaluation): void {
  // The answer repeats the request's bindings, whether it succeeds or not.
  e.bindings = 'echoed';
  let prepared: readonly [PreparedSet, number][];
  try {
    prepared = testAll(e);
  } catch (thrown) {
    if (thrown instanceof Refusal) e.fail(thrown.status, thrown.binding);
    else e.failProvider(thrown, 0);
    return;
  }
  commitAll(e, prepared);
}

/** Phase one: tests everything and changes nothing. Throws {@link Refusal}. */
function testAll(e: Evaluation): [PreparedSet, number][] {
  const groups = new Map<string, [Assignment, ...Assignment[]]>();
  for (let binding = 0; binding < e.pdu.count; binding++) {
    const assignment = checkBinding(e, binding);
    const owner = assignment.leaf.table?.definition.oid ?? assignment.leaf.oid;
    const key = `${owner.join('.')}|${assignment.index.join('.')}`;
    const group = groups.get(key);
    if (group) group.push(assignment);
    else groups.set(key, [assignment]);
  }
  return Array.from(groups.values(), (group) => [testGroup(e, group), group[0].binding]);
}

/** The checks of one binding by itself, in the order of RFC 3416 section 4.2.5. */
function checkBinding(e: Evaluation, at: number): Assignment {
  const { pdu } = e;
  const binding = at + 1;
  const from = pdu.idsStart[at]!;
  const to = pdu.idsStart[at + 1]!;
  // (1) the variable, whether it exists or not, is outside what this requester may write.
  if (!e.view.contains(pdu.ids, from, to)) throw new Refusal(ERROR_STATUS.noAccess, binding);
  const leaf = e.registry.covering(pdu.ids, from, to);
  // (2) no variable under this name could be set, whatever the value.
  if (!leaf?.writable) throw new Refusal(ERROR_STATUS.notWritable, binding);
  const value = checkedValue(e, at, leaf);
  const index = Array.from(pdu.ids.subarray(from + leaf.oid.length, to));
  // (7) a variable that does not exist and could not ever be created.
  const possible = leaf.table
    ? isPossibleIndex(leaf.table.definition.index, index)
    : scalarRows.find(index, 0, index.length) >= 0;
  if (!possible) throw new Refusal(ERROR_STATUS.noCreation, binding);
  return { leaf, index, value, binding };
}

/** Steps (3) to (6): the value's type, length, encoding and range. */
function checkedValue(e: Evaluation, at: number, leaf: Leaf): Value {
  const { pdu } = e;
  const binding = at + 1;
  const start = pdu.valueStart[at]!;
  if (pdu.bytes[start] !== leaf.tag) throw new Refusal(ERROR_STATUS.wrongType, binding);
  const end = pdu.valueEnd[at]!;
  const value = decodeValue(pdu.bytes, leaf.tag, contentStart(pdu.bytes, start), end);
  if (value === undefined) throw new Refusal(ERROR_STATUS.wrongEncoding, binding);
  const status = checkValue(leaf.definition.syntax, value);
  if (status !== ERROR_STATUS.noError) throw new Refusal(status, binding);
  return value;
}

/** Where the content of the element at `start` begins; the length field was checked when it was read. */
function contentStart(bytes: Uint8Array, start: number): number {
  const length = bytes[start + 1]!;
  return start + 2 + (length < 0x80 ? 0 : length & 0x7f);
}

/** Steps (8) to (12): what only the owner of the scalar or row can judge. */
function testGroup(e: Evaluation, group: Group): PreparedSet {
  const [first] = group;
  const values = new Map<string, Value>();
  for (const { leaf, value, binding } of group) {
    const before = values.get(leaf.name);
    // RFC 3416 section 4.2.5 leaves a variable named twice to the agent: only the same value twice makes sense.
    if (before !== undefined && !sameValue(before, value))
      throw new Refusal(ERROR_STATUS.inconsistentValue, binding);
    values.set(leaf.name, value);
  }
  const test = runTest(e, first, values);
  if (!('refused' in test)) return test;
  const blamed = group.find((assignment) => assignment.leaf.name === test.column) ?? first;
  throw new Refusal(test.refused, blamed.binding);
}

function runTest(
  e: Evaluation,
  { leaf, index, binding }: Assignment,
  values: ReadonlyMap<string, Value>,
): SetTest {
  try {
    if (leaf.scalar) return leaf.scalar.testSet!(values.get(leaf.name)!);
    const position = leaf.rows.find(index, 0, index.length);
    const row = position < 0 ? undefined : leaf.rows.row(position);
    return leaf.table!.binding.testSet!({ row, index, values, requester: e.requester });
  } catch (thrown) {
    // (12) any other reason.
    e.logger.error('a set could not be tested', { binding, error: errorText(thrown) });
    return { refused: ERROR_STATUS.genErr };
  }
}

function sameValue(a: Value, b: Value): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return a.length === b.length && a.every((part, i) => part === b[i]);
}

/** Phase two: changes everything and stores it, or nothing. */
function commitAll(e: Evaluation, prepared: readonly (readonly [PreparedSet, number])[]): void {
  const done: PreparedSet[] = [];
  for (const [change, binding] of prepared) {
    const failed = attempt(e, binding, () => change.commit());
    if (failed) return takeBack(e, done, binding);
    done.push(change);
  }
  for (const [change, binding] of prepared) {
    const failed = attempt(e, binding, () => change.store?.());
    if (failed) return takeBack(e, done, binding);
  }
  for (const change of done) finish(e, change);
}

/** Whether a step of a change failed. */
function attempt(e: Evaluation, binding: number, step: () => void): boolean {
  try {
    step();
    return false;
  } catch (thrown) {
    e.logger.error('a set could not be committed', { binding, error: errorText(thrown) });
    return true;
  }
}

/** Undoes what was done. undoFailed has error-index 0, whichever undo it was (RFC 3416 section 4.2.5). */
function takeBack(e: Evaluation, done: readonly PreparedSet[], binding: number): void {
  if (undoAll(e, done)) e.fail(ERROR_STATUS.commitFailed, binding);
  else e.fail(ERROR_STATUS.undoFailed, 0);
}

/** Runs what follows a change. The change is made and will be answered so, whatever happens here. */
function finish(e: Evaluation, change: PreparedSet): void {
  try {
    change.finish?.();
  } catch (thrown) {
    e.logger.error('a set was made, but not finished', { error: errorText(thrown) });
  }
}

function undoAll(e: Evaluation, done: readonly PreparedSet[]): boolean {
  let undone = true;
  for (const change of done.toReversed()) {
    try {
      change.undo();
    } catch (thrown) {
      undone = false;
      e.logger.error('a set could not be undone', { error: errorText(thrown) });
    }
  }
  return undone;
}
