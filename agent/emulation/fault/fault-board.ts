import type { Timer } from '../../util/clock.ts';
import type { Domain } from '../domain/domain.ts';
import type { Host } from '../host/host.ts';
import type { ActiveFault } from './fault.ts';
import type { FaultKind, FaultParameters } from './fault-kind.ts';

/** An active fault with what the engine needs to end it. Immutable: a change makes another record. */
export interface FaultRecord extends ActiveFault {
  readonly kind: FaultKind;
  readonly parameters: FaultParameters;
  /** Ends it; absent while nothing will. */
  readonly timer: Timer | undefined;
  /** Lets it do the next bit of what it does little by little. */
  readonly pulse: Timer | undefined;
  /** What it has taken of its host: bytes or pages; of a link that flaps, whether it is down. */
  readonly taken: number;
}

const NONE: readonly number[] = [];
const NO_RECORDS: readonly FaultRecord[] = [];

/** The faults that are in effect, by number and by target. Bounded by the rules and their targets. */
export class FaultBoard {
  #active = new Map<number, FaultRecord>();
  #byTarget = new Map<Domain | Host, readonly FaultRecord[]>();
  #last = 0;

  /** Every active fault, ascending by number. */
  get all(): readonly FaultRecord[] {
    return [...this.#active.values()].toSorted((a, b) => a.id - b.id);
  }

  /** The number for the next fault. */
  nextId(): number {
    return ++this.#last;
  }

  get(id: number): FaultRecord | undefined {
    return this.#active.get(id);
  }

  /** The faults of one domain, or of a host itself, ascending. */
  of(target: Domain | Host): readonly FaultRecord[] {
    return this.#byTarget.get(target) ?? NO_RECORDS;
  }

  /** Numbers of the faults on a host, and on one of its domains, ascending. */
  idsOn(host: Host, domain?: Domain): readonly number[] {
    if (this.#active.size === 0) return NONE;
    const records = domain ? [...this.of(host), ...this.of(domain)] : this.of(host);
    return records.length === 0 ? NONE : records.map(({ id }) => id).toSorted((a, b) => a - b);
  }

  /** Adds a fault, or puts another record in the place of the one with its number. */
  put(record: FaultRecord): void {
    const before = this.#active.get(record.id);
    if (before) this.#detach(before);
    this.#active.set(record.id, record);
    const target = record.domain ?? record.host;
    this.#byTarget.set(
      target,
      [...this.of(target), record].toSorted((a, b) => a.id - b.id),
    );
  }

  remove(record: FaultRecord): void {
    this.#active.delete(record.id);
    this.#detach(record);
  }

  /** Returns what puts everything back as it is now, timers included. */
  save(): () => void {
    const active = new Map(this.#active);
    const byTarget = new Map(this.#byTarget);
    const last = this.#last;
    return () => {
      for (const { timer, pulse } of this.#active.values()) {
        timer?.cancel();
        pulse?.cancel();
      }
      this.#active = active;
      this.#byTarget = byTarget;
      this.#last = last;
      for (const { timer, pulse } of active.values()) {
        timer?.restore();
        pulse?.restore();
      }
    };
  }

  #detach(record: FaultRecord): void {
    const target = record.domain ?? record.host;
    const left = this.of(target).filter(({ id }) => id !== record.id);
    if (left.length === 0) this.#byTarget.delete(target);
    else this.#byTarget.set(target, left);
  }
}
