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
  readonly #tell: () => void;
  /** Ends the present period. */
  #timer: Timer | undefined;
  #isChanged = false;

  constructor(clock: VirtualClock, tell: () => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Something has changed. */
  note(): void {
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
    this.#timer = this.#clock.schedule(this.#clock.nowMs + PERIOD_MS, () => {
      if (this.#isChanged) this.#begin();
    });
    this.#tell();
  }
}

/** entConfigChange, which carries no objects (RFC 6933). */
export function configChangeNotification(upTimeCentiseconds: number): Notification {
  return { oid: ENTITY_MIB.notifications.entConfigChange.oid, upTimeCentiseconds, varbinds: [] };
}
