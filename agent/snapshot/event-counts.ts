import type { Domain } from '../emulation/domain/domain.ts';
import { type EmulationEvent, isDomainEvent } from '../emulation/events.ts';
import type { Host } from '../emulation/host/host.ts';
import { eventName } from '../emulation/states.ts';

/** How many events of each name there were, such as `STARTED/BOOTED`, `alarm RAISED` or `fault BEGUN`. */
export type Counts = Readonly<Record<string, number>>;

/** Counts what happens to each host and guest. BOUNDED by those that are there: what goes takes its counts along. */
export class EventCounts {
  readonly #counts = new WeakMap<Domain | Host, Map<string, number>>();

  /** To be told of every event. */
  hear(event: EmulationEvent): void {
    const [subject, name] = named(event);
    const counts = this.#counts.get(subject) ?? new Map<string, number>();
    this.#counts.set(subject, counts);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }

  /** What has happened to a host itself, or to a guest, by name. */
  of(subject: Domain | Host): Counts {
    const counts = this.#counts.get(subject);
    return counts === undefined ? {} : Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function named(event: EmulationEvent): [Domain | Host, string] {
  if (isDomainEvent(event)) {
    const { domain } = event;
    return [domain, event.kind === 'lifecycle' ? eventName(event.event, event.detail)! : event.event];
  }
  if (event.kind === 'alarm') return [event.alarm.domain ?? event.host, `alarm ${event.event}`];
  if (event.kind === 'fault') return [event.fault.domain ?? event.host, `fault ${event.event}`];
  return [event.host, event.event];
}
