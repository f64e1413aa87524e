import type { View } from '../../access/compiled-view.ts';
import { TAG } from '../../ber/tags.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import { asSent, type Instance, instanceAt } from '../../mib/instances.ts';
import type { Registry } from '../../mib/registry.ts';
import type { Value } from '../../mib/value.ts';
import type { Oid } from '../../util/oid.ts';
import { evaluate, type Firing, testAbsence } from './evaluate.ts';
import { FAILURE } from './failure.ts';
import { InstanceState } from './instance-state.ts';
import { completed, coveredLeaves } from './object-names.ts';
import { type Budget, Part, type PartListener } from './part.ts';
import type { TriggerResources } from './resources.ts';
import { DISCONTINUITY, TEST, type TriggerRow } from './rows.ts';
import { isSame } from './sampled.ts';

/** Something that a sample brought: a test that fired, or a failure that is news. */
export type Finding =
  | { readonly fires: Firing; readonly oid: Oid; readonly sample: number | undefined }
  | { readonly fails: number; readonly oid: Oid };

const SYS_UP_TIME: Oid = [1, 3, 6, 1, 2, 1, 1, 3, 0];

/**
 * What one trigger watches in one context: the instances, and what it remembers of each.
 *
 * A sample is taken in slices. What it finds is handed out at the end of a slice, as what an event sets may change the
 * rows that are being looked through.
 */
export class Watch implements PartListener {
  readonly #row: TriggerRow;
  readonly #registry: Registry;
  readonly #resources: TriggerResources;
  /** BOUNDED by mteResourceSampleInstanceMaximum. */
  readonly #parts: readonly Part[];
  /** Of an object that is named in full. */
  #single: InstanceState | undefined;
  #findings: Finding[] = [];
  #round = 0;
  #sampling = false;
  /** The part that the sample has come to. */
  #at = 0;
  /** Whether the object, or the wildcard as a whole, failed at the sample before. */
  #failing = false;
  /** Whether there was no room for an instance in this sample. */
  #lacking = false;
  /** Where the instance at hand is; absent for an object that is named in full. */
  #part: Part | undefined;
  #upTime: Value | undefined;
  #shared: Value | undefined;
  /** Whether all values have begun anew, or a failure. */
  #discontinuity: boolean | number = false;

  constructor(row: TriggerRow, registry: Registry, resources: TriggerResources) {
    this.#row = row;
    this.#registry = registry;
    this.#resources = resources;
    const covered = row.valueIdWildcard ? coveredLeaves(registry, row.valueId) : [];
    this.#parts = covered.map((each) => new Part(each));
  }

  /** Gives back what the watch takes. */
  close(): void {
    const inParts = this.#parts.reduce((sum, part) => sum + part.forget(), 0);
    this.#resources.release(inParts + (this.#single ? 1 : 0));
    this.#single = undefined;
  }

  /**
   * Goes on with a sample, or begins one, for at most so many rows. Gives what it found; `done` when the sample is
   * complete.
   */
  sample(view: View, most: number): { readonly done: boolean; readonly findings: readonly Finding[] } {
    if (!this.#sampling) {
      this.#sampling = true;
      this.#round++;
      if (this.#row.delta || (this.#row.test & TEST.threshold) !== 0) this.#readDiscontinuity(view);
    }
    if (this.#row.valueIdWildcard) {
      this.#sampling = !this.#sampleParts(view, most);
    } else {
      this.#sampleSingle(view);
      this.#sampling = false;
    }
    const findings = this.#findings;
    this.#findings = [];
    return { done: !this.#sampling, findings };
  }

  /** Samples instances of a wildcard, and returns whether it has come to the end. */
  #sampleParts(view: View, most: number): boolean {
    const budget: Budget = { left: most };
    for (; this.#at < this.#parts.length; this.#at++) {
      if (budget.left <= 0) return false;
      const part = this.#parts[this.#at]!;
      if (part.isHidden(view)) this.#resources.release(part.forget());
      else if (!part.advance(view, budget, this)) return false;
    }
    this.#at = 0;
    this.#judgeWhole(view);
    return true;
  }

  /** As {@link PartListener} says. */
  admit(part: Part): boolean {
    if (this.#resources.take()) return true;
    this.#failed(undefined, FAILURE.localResourceLack, part.name);
    this.#lacking = true;
    return false;
  }

  /** As {@link PartListener} says. */
  found(part: Part, state: InstanceState, value: Value, view: View): void {
    const { tag } = part.leaf;
    this.#part = part;
    this.#test(state, tag, asSent(tag, value), view);
  }

  /** As {@link PartListener} says. */
  gone(part: Part, state: InstanceState): void {
    this.#resources.release(1);
    this.#part = part;
    testAbsence(this.#row, state, false, this.#fire);
  }

  /** A wildcard that brings nothing because nothing of it may be seen is a failure, and one that covers nothing is none. */
  #judgeWhole(view: View): void {
    const { valueId } = this.#row;
    const blind = this.#parts.length > 0 && this.#parts.every((part) => part.isHidden(view));
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
      this.#single = new InstanceState();
    }
    this.#failing = false;
    this.#test(this.#single, found.leaf.tag, found.value, view);
  }

  #test(state: InstanceState, tag: number, value: Value, view: View): void {
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
    return this.#part?.name ?? this.#row.valueId;
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

  /** A discontinuity object, or why there is none to be used (RFC 2981 section 4, mteTriggerDeltaDiscontinuityID). */
  #readable(oid: Oid, view: View): Instance | number {
    if (!view.contains(oid, 0, oid.length)) return ERROR_STATUS.noAccess;
    const found = instanceAt(this.#registry, oid);
    if (!found) return ERROR_STATUS.noSuchName;
    const isDate = this.#row.discontinuityIdType === DISCONTINUITY.dateAndTime;
    return found.leaf.tag === (isDate ? TAG.OCTET_STRING : TAG.TIME_TICKS) ? found : FAILURE.badType;
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
