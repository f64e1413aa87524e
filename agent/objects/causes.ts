import type { Cause } from '../emulation/cause.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import { type EmulationEvent, isDomainEvent } from '../emulation/events.ts';
import type { Host } from '../emulation/host/host.ts';

/** What brought something about. */
export interface Origin {
  /** Numbers of the events, ascending. */
  readonly events: readonly number[];
  /** Who or what did it, where it was no event. */
  readonly cause?: Cause | undefined;
}

/** What brought about that which is told of together: all events, or else whoever was the first without one. */
export class GatheredOrigin {
  readonly #events = new Set<number>();
  #cause: Cause | undefined;

  add({ events, cause }: Origin): void {
    for (const sequence of events) this.#events.add(sequence);
    this.#cause ??= cause;
  }

  get origin(): Origin {
    return originOf(
      Array.from(this.#events).sort((a, b) => a - b),
      this.#cause,
    );
  }
}

/** The events of one change of the fleet, by whom they concern: what brought about what its hosts then tell of. */
export class Causes {
  readonly #own = new Map<Domain | undefined, number[]>();
  readonly #all: number[] = [];
  readonly #cause: Cause;

  /** `cause`: who or what made the change. Alarms are none: they tell of what has happened, as notifications do. */
  constructor(events: readonly EmulationEvent[], host: Host, cause: Cause) {
    this.#cause = cause;
    for (const event of events) {
      if (event.host !== host || event.kind === 'alarm') continue;
      const domain = domainOf(event);
      const own = this.#own.get(domain);
      if (own) own.push(event.sequence);
      else this.#own.set(domain, [event.sequence]);
      this.#all.push(event.sequence);
    }
  }

  /** By which events a guest became another by: its own, or else those of the host itself. */
  ofGuest(domain: Domain): Origin {
    return originOf(this.#own.get(domain) ?? this.#own.get(undefined) ?? [], this.#cause);
  }

  /** By which events something of the host became another by: its own, or else those of its guests. */
  ofHost(): Origin {
    return originOf(this.#own.get(undefined) ?? this.#all, this.#cause);
  }
}

function originOf(events: readonly number[], cause: Cause | undefined): Origin {
  return { events, cause: events.length === 0 ? cause : undefined };
}

/** The guest that an event happened to; `undefined` for the host itself. */
function domainOf(event: Exclude<EmulationEvent, { kind: 'alarm' }>): Domain | undefined {
  if (isDomainEvent(event)) return event.domain;
  return event.kind === 'fault' ? event.fault.domain : undefined;
}
