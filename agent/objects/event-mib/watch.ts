import { VERDICT, type View } from '../../access/compiled-view.ts';
import { Writer } from '../../ber/writer.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import { asSent, type Instance, indexAt, instanceAt } from '../../mib/instances.ts';
import { isPrefix, type Registry } from '../../mib/registry.ts';
import type { Value } from '../../mib/value.ts';
import type { Oid } from '../../util/oid.ts';
import { evaluate, type Firing, testAbsence } from './evaluate.ts';
import { FAILURE } from './failure.ts';
import { InstanceState } from './instance-state.ts';
import { type CoveredLeaf, completed, coveredLeaves, indexIds } from './object-names.ts';
import type { TriggerResources } from './resources.ts';
import { DISCONTINUITY, TEST, type TriggerRow } from './rows.ts';
import { isSame } from './sampled.ts';

/** Something that a sample brought: a test that fired, or a failure that is news. */
export type Finding =
  | { readonly fires: Firing; readonly oid: Oid; readonly sample: number | undefined }
  | { readonly fails: number; readonly oid: Oid };

/** The instances of one object type that a wildcard covers. */
interface Part extends CoveredLeaf {
  /** In the order of their names, as they were at the latest sample. */
  states: InstanceState[];
}

/** How far a sample of a {@link Part} has come. */
interface Progress {
  readonly states: InstanceState[];
  /** Place in the states of the sample before of what is expected next. */
  expected: number;
  /** Those by name, once one was not where it was expected. */
  places: Map<string, number> | undefined;
}

const SYS_UP_TIME: Oid = [1, 3, 6, 1, 2, 1, 1, 3, 0];
const writer = new Writer();

/**
 * What one trigger watches in one context: the instances, and what it remembers of each.
 *
 * A sample is taken in slices. What it finds is handed out at the end of a slice, as what an event sets may change the
 * rows that are being looked through.
 */
export class Watch {
  readonly #row: TriggerRow;
  readonly #registry: Registry;
  readonly #resources: TriggerResources;
  /** BOUNDED by mteResourceSampleInstanceMaximum. */
  readonly #parts: Part[];
  /** Of an object that is named in full. */
  #single: InstanceState | undefined;
  #findings: Finding[] = [];
  #round = 0;
  /** The part that the sample has come to; behind the last one when it is done. */
  #at = 0;
  #progress: Progress | undefined;
  /** Whether the object, or the wildcard as a whole, failed at the sample before. */
  #failing = false;
  /** Whether there was no room for an instance in this sample. */
  #lacking = false;
  /** The instance at hand, for what fires: its state if there is one, and its name without the index in that. */
  #state: InstanceState | undefined;
  #base: Oid = [];
  #upTime: Value | undefined;
  #shared: Value | undefined;
  /** Whether all values have begun anew, or a failure. */
  #discontinuity: boolean | number = false;

  constructor(row: TriggerRow, registry: Registry, resources: TriggerResources) {
    this.#row = row;
    this.#registry = registry;
    this.#resources = resources;
    const covered = row.valueIdWildcard ? coveredLeaves(registry, row.valueId) : [];
    this.#parts = covered.map((leaf) => ({ ...leaf, states: [] }));
  }

  /** Gives back what the watch takes. */
  close(): void {
    const single = this.#single ? 1 : 0;
    const inParts = this.#parts.reduce((sum, { states }) => sum + states.length, 0);
    const unfinished = this.#progress?.states.filter(({ round }) => round === 0).length ?? 0;
    this.#resources.release(single + inParts + unfinished);
  }

  /**
   * Goes on with a sample, or begins one, for at most so many instances. Gives what it found; `done` when the sample is
   * complete.
   */
  sample(view: View, most: number): { readonly done: boolean; readonly findings: readonly Finding[] } {
    if (this.#at === 0 && !this.#progress) {
      this.#round++;
      if (this.#row.delta || (this.#row.test & TEST.threshold) !== 0) this.#readDiscontinuity(view);
    }
    let left = most;
    if (!this.#row.valueIdWildcard) this.#sampleSingle(view);
    else while (left > 0 && this.#at < this.#parts.length) left = this.#samplePart(view, left);
    const done = this.#at >= this.#parts.length;
    if (done) {
      this.#at = 0;
      if (this.#row.valueIdWildcard) this.#judgeWhole(view);
    }
    const findings = this.#findings;
    this.#findings = [];
    return { done, findings };
  }

  /** Samples instances of the part at hand, and returns how many more there may be in this slice. */
  #samplePart(view: View, most: number): number {
    const part = this.#parts[this.#at]!;
    const { leaf, at, rest } = part;
    const { rows } = leaf;
    const verdict = view.verdicts[at]!;
    const resumed = this.#progress;
    const progress = resumed ?? { states: [], expected: 0, places: undefined };
    this.#progress = progress;
    let left = most;
    if (verdict !== VERDICT.out) {
      const from = resumed ? indexIds(resumed.states.at(-1)!.index) : rest;
      let position = from.length > 0 ? rows.after(from, 0, from.length) : rows.first();
      for (; position >= 0 && left > 0; position = rows.next(position)) {
        if (rest.length > 0 || verdict === VERDICT.partial) {
          const index = indexAt(leaf, position);
          if (!isPrefix(rest, index, 0, index.length)) {
            position = -1;
            break;
          }
          const name = [...leaf.oid, ...index];
          if (!view.contains(name, 0, name.length)) continue;
        }
        const value = leaf.read(rows.row(position));
        if (value === undefined) continue;
        if (this.#sampleInstance(part, progress, position, value, view)) left--;
      }
      if (position >= 0) return 0;
    }
    this.#endPart(part, progress, verdict !== VERDICT.out);
    return left;
  }

  /** Samples one instance of a wildcard; false when there is no room for it. */
  #sampleInstance(part: Part, progress: Progress, position: number, value: Value, view: View): boolean {
    const { leaf, states } = part;
    writer.reset();
    leaf.rows.appendIndex(position, writer);
    let state = states[progress.expected];
    if (state && isAt(state.index)) {
      progress.expected++;
    } else {
      progress.places ??= new Map(states.map(({ index }, i) => [index, i]));
      const index = writtenIndex();
      const place = progress.places.get(index);
      if (place === undefined) {
        if (!this.#resources.take()) {
          const oid = [...leaf.oid, ...indexIds(index)];
          this.#failed(undefined, FAILURE.localResourceLack, oid);
          this.#lacking = true;
          return false;
        }
        state = new InstanceState(index);
      } else {
        state = states[place]!;
        progress.expected = place + 1;
      }
    }
    progress.states.push(state);
    this.#test(state, leaf.tag, asSent(leaf.tag, value), leaf.oid, view);
    return true;
  }

  /** What is not there any more is tested for that, unless nothing may be seen, and forgotten. */
  #endPart(part: Part, { states }: Progress, seen: boolean): void {
    const round = this.#round;
    for (const state of states) state.round = round;
    for (const gone of part.states) {
      if (gone.round === round) continue;
      this.#resources.release(1);
      if (!seen) continue;
      this.#state = gone;
      this.#base = part.leaf.oid;
      testAbsence(this.#row, gone, false, this.#fire);
    }
    part.states = states;
    this.#progress = undefined;
    this.#at++;
  }

  /** A wildcard that brings nothing because nothing of it may be seen is a failure, and one that covers nothing is none. */
  #judgeWhole(view: View): void {
    const { valueId } = this.#row;
    const blind = this.#parts.length > 0 && this.#parts.every(({ at }) => view.verdicts[at] === VERDICT.out);
    if (blind) this.#failed(undefined, ERROR_STATUS.noAccess, valueId);
    else if (this.#parts.length === 0) this.#failed(undefined, ERROR_STATUS.noSuchName, valueId);
    else if (!this.#lacking) this.#failing = false;
    this.#lacking = false;
  }

  #sampleSingle(view: View): void {
    const { valueId, test } = this.#row;
    const first = this.#round === 1;
    if (!view.contains(valueId, 0, valueId.length)) {
      this.#failed(undefined, ERROR_STATUS.noAccess, valueId);
      return;
    }
    const found = instanceAt(this.#registry, valueId);
    if (!found) {
      this.#state = undefined;
      this.#base = valueId;
      testAbsence(this.#row, this.#single, first, this.#fire);
      if (this.#single) this.#resources.release(1);
      this.#single = undefined;
      if ((test & TEST.existence) === 0) this.#failed(undefined, ERROR_STATUS.noSuchName, valueId);
      return;
    }
    if (!this.#single) {
      if (!this.#resources.take()) {
        this.#failed(undefined, FAILURE.localResourceLack, valueId);
        return;
      }
      this.#single = new InstanceState('');
    }
    this.#failing = false;
    this.#test(this.#single, found.leaf.tag, found.value, valueId, view);
  }

  /** `base` is the name without the index that the state holds. */
  #test(state: InstanceState, tag: number, value: Value, base: Oid, view: View): void {
    this.#state = state;
    this.#base = base;
    let discontinuous = this.#discontinuity;
    if (discontinuous === false && this.#row.delta && this.#row.discontinuityIdWildcard)
      discontinuous = this.#instanceDiscontinuity(state, view);
    if (typeof discontinuous === 'number') {
      this.#failed(state, discontinuous, this.#name());
      return;
    }
    if (evaluate(this.#row, state, tag, value, discontinuous, this.#round === 1, this.#fire))
      state.failing = false;
    else this.#failed(state, FAILURE.badType, this.#name());
  }

  readonly #fire = (fires: Firing, sample: number | undefined): void => {
    this.#findings.push({ fires, oid: this.#name(), sample });
  };

  /** The name of the instance at hand. */
  #name(): Oid {
    return this.#state ? [...this.#base, ...indexIds(this.#state.index)] : this.#base;
  }

  /** sysUpTime is asked in any case, and the object of mteTriggerDeltaDiscontinuityID once where it has no wildcard. */
  #readDiscontinuity(view: View): void {
    const { delta, discontinuityId, discontinuityIdWildcard } = this.#row;
    const upTime = instanceAt(this.#registry, SYS_UP_TIME)?.value;
    this.#discontinuity = isLess(upTime, this.#upTime);
    this.#upTime = upTime;
    if (!delta || discontinuityIdWildcard) return;
    const found = this.#readable(discontinuityId, view);
    if (typeof found === 'number') {
      this.#discontinuity = found;
      return;
    }
    if (this.#tells(found.value, this.#shared)) this.#discontinuity = true;
    this.#shared = found.value;
  }

  #instanceDiscontinuity(state: InstanceState, view: View): boolean | number {
    const oid = completed(this.#registry, this.#row.discontinuityId, this.#name());
    const found = this.#readable(oid, view);
    if (typeof found === 'number') return found;
    const tells = this.#tells(found.value, state.discontinuity);
    state.discontinuity = found.value;
    return tells;
  }

  #readable(oid: Oid, view: View): Instance | number {
    if (!view.contains(oid, 0, oid.length)) return ERROR_STATUS.noAccess;
    return instanceAt(this.#registry, oid) ?? ERROR_STATUS.noSuchName;
  }

  /** Whether the value of a discontinuity object tells of a new beginning. */
  #tells(now: Value, before: Value | undefined): boolean {
    if (before === undefined) return false;
    return this.#row.discontinuityIdType === DISCONTINUITY.timeTicks
      ? isLess(now, before)
      : !isSame(now, before);
  }

  /** Counts a failure, and tells of it when the sample before did not have it. */
  #failed(state: InstanceState | undefined, fails: number, oid: Oid): void {
    this.#resources.triggerFailures++;
    const told = state ? state.failing : this.#failing;
    if (!told) this.#findings.push({ fails, oid });
    if (state) state.failing = true;
    else this.#failing = true;
  }
}

function isLess(now: Value | undefined, before: Value | undefined): boolean {
  return typeof now === 'number' && typeof before === 'number' && now < before;
}

/** Whether the index that was just written is this one. */
function isAt(index: string): boolean {
  const { bytes, start, end } = writer;
  if (end - start !== index.length) return false;
  for (let i = 0; i < index.length; i++) if (bytes[start + i] !== index.charCodeAt(i)) return false;
  return true;
}

function writtenIndex(): string {
  const { bytes, start, end } = writer;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
