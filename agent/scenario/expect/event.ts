import { z } from 'zod';
import { integer, text } from '../../config/fields.ts';
import { type EmulationEvent, isDomainEvent } from '../../emulation/events.ts';
import { eventNameOf, RULE_EVENTS } from '../../emulation/fault/fault-rule.ts';
import { globMatch } from '../../util/glob.ts';
import { adviceOn } from '../shape.ts';
import type { World } from '../world.ts';
import { expectationKind, type Looked, type Probe } from './expectation.ts';
import { readText } from './read-text.ts';

const schema = z.strictObject({
  event: readText(readEvent, 'the name of an event, such as STOPPED/CRASHED or WATCHDOG'),
  guest: text(1, 255).optional(),
  host: text(1, 255).optional(),
  count: integer(1, 10_000_000).default(1),
});

type Wanted = z.output<typeof schema>;

/** Something happened, whoever was told. */
export const event = expectationKind({
  about: 'An event happened: by libvirt’s name, one of the life cycle with its detail (EVENTS.md).',
  schema,
  example: '{ event: STOPPED/CRASHED, guest: web-01, within: 1 min }',
  build: (wanted) => ({
    kind: 'event',
    text: describe(wanted),
    leadMs: 0,
    names: { guest: wanted.guest, host: wanted.host },
    lasts: false,
    begin: (fromMs) => new EventProbe(wanted, fromMs),
  }),
});

/** Counts what happened since an instant. */
class EventProbe implements Probe {
  readonly #wanted: Wanted;
  readonly #fromMs: number;
  #next = 0;
  #found = 0;
  #sinceMs = 0;

  constructor(wanted: Wanted, fromMs: number) {
    this.#wanted = wanted;
    this.#fromMs = fromMs;
  }

  look({ events }: World): Looked {
    const { count } = this.#wanted;
    for (; this.#next < events.length; this.#next++) {
      const event = events[this.#next]!;
      if (event.atMs < this.#fromMs || !matches(event, this.#wanted)) continue;
      if (++this.#found === count) this.#sinceMs = event.atMs;
    }
    if (this.#found < count) return { met: false, seen: `${this.#found} of ${count}` };
    return { met: true, seen: `${this.#found}`, sinceMs: this.#sinceMs };
  }
}

function matches(event: EmulationEvent, { event: name, guest, host }: Wanted): boolean {
  if (eventNameOf(event) !== name || (host !== undefined && event.host.name !== host)) return false;
  return guest === undefined || (isDomainEvent(event) && globMatch(guest, event.name));
}

function readEvent(name: string): string {
  if (RULE_EVENTS.includes(name)) return name;
  throw new Error(`${JSON.stringify(name)} is no event; ${adviceOn(name, RULE_EVENTS)}`);
}

function describe({ event: name, guest, host, count }: Wanted): string {
  const on = `${guest === undefined ? '' : ` of ${guest}`}${host === undefined ? '' : ` on ${host}`}`;
  return `${count > 1 ? `${count} times ` : ''}${name}${on}`;
}
