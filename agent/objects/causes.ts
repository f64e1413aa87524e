import type { Domain } from '../emulation/domain/domain.ts';
import { type EmulationEvent, isDomainEvent } from '../emulation/events.ts';
import type { Host } from '../emulation/host/host.ts';

/** The events of one change of the fleet, by whom they concern: what brought about what its hosts then tell of. */
export class Causes {
  readonly #own = new Map<Domain | undefined, number[]>();
  readonly #all: number[] = [];

  /** Alarms are none: they tell of what has happened, as notifications do. */
  constructor(events: readonly EmulationEvent[], host: Host) {
    for (const event of events) {
      if (event.host !== host || event.kind === 'alarm') continue;
      const domain = domainOf(event);
      const own = this.#own.get(domain);
      if (own) own.push(event.sequence);
      else this.#own.set(domain, [event.sequence]);
      this.#all.push(event.sequence);
    }
  }

  /** Numbers of the events that a guest became another by: its own, or else those of the host itself. */
  ofGuest(domain: Domain): readonly number[] {
    return this.#own.get(domain) ?? this.#own.get(undefined) ?? [];
  }

  /** Numbers of the events that something of the host became another by: its own, or else those of its guests. */
  ofHost(): readonly number[] {
    return this.#own.get(undefined) ?? this.#all;
  }
}

/** The guest that an event happened to; `undefined` for the host itself. */
function domainOf(event: Exclude<EmulationEvent, { kind: 'alarm' }>): Domain | undefined {
  if (isDomainEvent(event)) return event.domain;
  return event.kind === 'fault' ? event.fault.domain : undefined;
}
