import type { AccessRequest, Vacm } from '../access/vacm.ts';
import type { ViewTree } from '../access/view-tree.ts';
import type { Notification } from './notification.ts';

/** In whose name a notification is sent. */
export type NotificationTarget = Omit<AccessRequest, 'viewType'>;

/** What one target may be told of: its notify view (RFC 3413 section 3.3 steps 2 and 3). */
export class NotifyView {
  readonly #vacm: Vacm;
  readonly #target: NotificationTarget;
  #view: ViewTree | undefined;
  #changes = -1;

  constructor(vacm: Vacm, target: NotificationTarget) {
    this.#vacm = vacm;
    this.#target = target;
  }

  /**
   * Whether the view holds the notification itself, which is the value of snmpTrapOID.0, and the name of each
   * variable that goes along.
   *
   * sysUpTime.0 and snmpTrapOID.0 are not asked for by name: each notification has them, and what they tell is
   * that this one happened, which has been decided by then.
   */
  holds({ oid, varbinds }: Notification): boolean {
    if (this.#changes !== this.#vacm.changes) {
      const decision = this.#vacm.isAccessAllowed({ ...this.#target, viewType: 'notify' });
      this.#view = 'view' in decision ? decision.view : undefined;
      this.#changes = this.#vacm.changes;
    }
    const view = this.#view;
    if (!view?.inView(oid, 0, oid.length)) return false;
    for (const varbind of varbinds) if (!view.inView(varbind.oid, 0, varbind.oid.length)) return false;
    return true;
  }
}
