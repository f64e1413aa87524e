import { ENTITY_MIB } from '../../mib/generated/entity-mib.ts';
import type { Notification } from '../../notify/notification.ts';
import type { Timer, VirtualClock } from '../../util/clock.ts';

/** The throttling period that RFC 6933 proposes for entConfigChange, in ms. */
const PERIOD_MS = 5000;

/**
 * Tells of changes at once, and then once at the end of each period in which there were more (RFC 6933,
 * entConfigChange).
 */
export class ConfigChange {
  readonly #clock: VirtualClock;
  readonly #tell: (events: readonly number[]) => void;
  /** Ends the present period. */
  #timer: Timer | undefined;
  #isChanged = false;
  /** Numbers of the events that changed something since it was told last. */
  readonly #events = new Set<number>();

  /** `tell` is given the numbers of the events that brought about what is told, ascending. */
  constructor(clock: VirtualClock, tell: (events: readonly number[]) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Something has changed, by these events. */
  note(events: readonly number[] = []): void {
    for (const sequence of events) this.#events.add(sequence);
    if (this.#timer?.pending) {
      this.#isChanged = true;
      return;
    }
    this.#begin();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #begin(): void {
    this.#isChanged = false;
    const end = () => {
      if (this.#isChanged) this.#begin();
    };
    // None of the simulation's own: a snapshot goes on without it.
    this.#timer = this.#clock.schedule(this.#clock.nowMs + PERIOD_MS, end, { outside: true });
    const events = Array.from(this.#events).sort((a, b) => a - b);
    this.#events.clear();
    this.#tell(events);
  }
}

/** entConfigChange, which carries no objects (RFC 6933). */
export function configChangeNotification(upTimeCentiseconds: number): Notification {
  return { oid: ENTITY_MIB.notifications.entConfigChange.oid, upTimeCentiseconds, varbinds: [] };
}
