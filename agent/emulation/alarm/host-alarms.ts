import { lowerBound } from '../../util/lower-bound.ts';
import { type Alarm, SEVERITIES, type Severity } from './alarm.ts';

/** The alarms of one host and its guests that are up, and how many there were. Only the hypervisor changes it. */
export class HostAlarms {
  readonly #active: Alarm[] = [];
  readonly #counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<
    Severity,
    number
  >;
  #raised = 0;
  #cleared = 0;
  #lastRaisedMs: number | undefined;
  #lastClearedMs: number | undefined;

  /** What is up now, in the order of its numbers. */
  get active(): readonly Alarm[] {
    return this.#active;
  }

  /** Alarms of a severity that are up now. */
  count(severity: Severity): number {
    return this.#counts[severity];
  }

  /** Alarms raised since the simulation began. */
  get raised(): number {
    return this.#raised;
  }

  /** Alarms cleared since the simulation began. */
  get cleared(): number {
    return this.#cleared;
  }

  /** When one was last raised, in simulated ms; `undefined` before the first. */
  get lastRaisedMs(): number | undefined {
    return this.#lastRaisedMs;
  }

  /** When one was last cleared, in simulated ms; `undefined` before the first. */
  get lastClearedMs(): number | undefined {
    return this.#lastClearedMs;
  }

  /** An alarm that was raised before the simulation began is still up. For the hypervisor. */
  restore(alarm: Alarm): void {
    this.#active.splice(this.#placeOf(alarm.number), 0, alarm);
    this.#counts[alarm.severity]++;
  }

  /** An alarm comes up. For the hypervisor. */
  raise(alarm: Alarm, nowMs: number): void {
    this.restore(alarm);
    this.#raised++;
    this.#lastRaisedMs = nowMs;
  }

  /** An alarm that is up goes. For the hypervisor. */
  clear(alarm: Alarm, nowMs: number): void {
    this.#active.splice(this.#placeOf(alarm.number), 1);
    this.#counts[alarm.severity]--;
    this.#cleared++;
    this.#lastClearedMs = nowMs;
  }

  /** The first place whose number is not below one. */
  #placeOf(number: number): number {
    return lowerBound(this.#active.length, (place) => this.#active[place]!.number < number);
  }
}
