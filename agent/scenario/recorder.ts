import type { EmulationEvent } from '../emulation/events.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Notification } from '../notify/notification.ts';
import type { DeliveryReport } from '../notify/target.ts';
import { notificationText } from './mib-names.ts';
import type { ToldNotification } from './world.ts';

/** Real ms that a receiver may take before nothing more is expected of it. */
const PATIENCE_MS = 5000;

type Told = ToldNotification & { readonly deliveries: Map<string, DeliveryReport['outcome']> };

/** Keeps what a run has told: a scenario has an end, and so has what is kept. */
export class Recorder {
  readonly notifications: Told[] = [];
  readonly events: EmulationEvent[] = [];
  /** By the number that the agent of a host gave each; a trap may be reported before its number is known. */
  readonly #byId = new Map<string, Told>();
  readonly #early = new Map<string, DeliveryReport[]>();
  #wake: (() => void) | undefined;

  /** A notification was made; it gets its number next. */
  told(host: Host, { oid, varbinds }: Notification, id: number, atMs: number): void {
    const key = `${host.name} ${id}`;
    const told: Told = {
      host: host.name,
      name: notificationText(oid),
      oid,
      atMs,
      varbinds,
      deliveries: new Map(),
    };
    this.notifications.push(told);
    this.#byId.set(key, told);
    for (const report of this.#early.get(key) ?? []) told.deliveries.set(report.target, report.outcome);
    this.#early.delete(key);
  }

  /** Something became of a notification. */
  delivered(host: Host, report: DeliveryReport): void {
    const key = `${host.name} ${report.notificationId}`;
    const told = this.#byId.get(key);
    if (told) told.deliveries.set(report.target, report.outcome);
    else this.#early.set(key, [...(this.#early.get(key) ?? []), report]);
    this.#wake?.();
  }

  /** Resolves when something more was delivered; false when nothing was for a while. */
  readonly moreDelivered = (): Promise<boolean> =>
    new Promise((resolve) => {
      const timeout = setTimeout(() => this.#settle(resolve, false), PATIENCE_MS);
      this.#wake = () => {
        clearTimeout(timeout);
        this.#settle(resolve, true);
      };
    });

  #settle(resolve: (more: boolean) => void, more: boolean): void {
    this.#wake = undefined;
    resolve(more);
  }
}
