import { TAG } from '../../ber/tags.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import { IF_MIB } from '../../mib/generated/if-mib.ts';
import type { Notification } from '../../notify/notification.ts';
import type { Causes, Origin } from '../causes.ts';
import { type Interface, isEnabled, STATUS } from './interface.ts';
import { type InterfaceSettings, linkTraps } from './interface-settings.ts';
import type { Interfaces } from './interfaces.ts';

const { ifIndex, ifAdminStatus, ifOperStatus } = IF_MIB.tables.ifTable.columns;

/** linkUp or linkDown for an interface whose status has just changed; lowerLayerDown is a kind of down. */
export function linkNotification(one: Interface, upTimeCentiseconds: number): Notification {
  const { linkUp, linkDown } = IF_MIB.notifications;
  const { index, oper } = one;
  const admin = isEnabled(one) ? STATUS.up : STATUS.down;
  const bind = (oid: readonly number[], value: number) => ({
    oid: [...oid, index],
    tag: TAG.INTEGER,
    value,
  });
  return {
    oid: (oper === STATUS.up ? linkUp : linkDown).oid,
    upTimeCentiseconds,
    varbinds: [bind(ifIndex.oid, index), bind(ifAdminStatus.oid, admin), bind(ifOperStatus.oid, oper)],
  };
}

/** How a {@link LinkWatch} reaches the world. */
export interface LinkWatchOptions {
  readonly interfaces: Interfaces;
  readonly settings: InterfaceSettings;
  /** sysUpTime now, in hundredths of a second. */
  readonly upTime: () => number;
  /** Whether anybody wants to be told of links. */
  readonly isTold: () => boolean;
  /** `origin`: what brought about that which it tells of. */
  readonly send: (notification: Notification, origin: Origin) => void;
}

/** Keeps the interfaces up to date, and tells of links that go up and down where a manager wants it. */
export class LinkWatch {
  readonly #options: LinkWatchOptions;

  constructor(options: LinkWatchOptions) {
    this.#options = options;
  }

  /** Domains of the host have changed, or the host itself. */
  hear(domains: Iterable<Domain>, causes: Causes): void {
    const { interfaces, settings, upTime, isTold, send } = this.#options;
    for (const one of interfaces.hear(domains)) {
      if (!isTold() || !linkTraps(settings, one)) continue;
      const origin = one.kind === 'tap' ? causes.ofGuest(one.domain) : causes.ofHost();
      send(linkNotification(one, upTime()), origin);
    }
  }
}
