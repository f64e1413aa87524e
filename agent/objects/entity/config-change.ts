import { ENTITY_MIB } from '../../mib/generated/entity-mib.ts';
import type { Notification } from '../../notify/notification.ts';
import type { Timer, VirtualClock } from '../../util/clock.ts';
import { GatheredOrigin, type Origin } from '../causes.ts';

/** The throttling period that RFC 6933 proposes for entConfigChange, in ms. */
const PERIOD_MS = 5000;

/**
 * Tells of changes at once, and then once at the end of each period in which there were more (RFC 6933,
 * entConfigChange).
 */
export class ConfigChange {
  readonly #clock: VirtualClock;
  readonly #tell: (origin: Origin) => void;
  /** Ends the present period. */
  #timer: Timer | undefined;
  #isChanged = false;
  /** What changed something since it was told last. */
  #gathered = new GatheredOrigin();

  /** `tell` is given what brought about that which is told. */
  constructor(clock: VirtualClock, tell: (origin: Origin) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Something has changed. */
  note(origin: Origin): void {
    this.#gathered.add(origin);
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
    const { origin } = this.#gathered;
    this.#gathered = new GatheredOrigin();
    this.#tell(origin);
  }
}

/** entConfigChange, which carries no objects (RFC 6933). */
export function configChangeNotification(upTimeCentiseconds: number): Notification {
  return { oid: ENTITY_MIB.notifications.entConfigChange.oid, upTimeCentiseconds, varbinds: [] };
}
