import { presetAccess, presetFamilies } from '../../agent/access/presets.ts';
import { Vacm } from '../../agent/access/vacm.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../../agent/access/vacm-rows.ts';
import { TAG } from '../../agent/ber/tags.ts';
import { SnmpCounters } from '../../agent/message/counters.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../../agent/mib/managed-table.ts';
import { Journal } from '../../agent/notify/journal.ts';
import type { Notification } from '../../agent/notify/notification.ts';
import { Originator } from '../../agent/notify/originator.ts';
import type { DeliveryReport, NotifyTarget } from '../../agent/notify/target.ts';
import { authProtocolByName } from '../../agent/security/usm/auth-protocols.ts';
import { privProtocolByName } from '../../agent/security/usm/priv-protocols.ts';
import { createUser } from '../../agent/security/usm/user.ts';
import { VirtualClock } from '../../agent/util/clock.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import type { Timers } from '../../agent/util/timers.ts';
import { AUTH_PASSWORD, ENGINE_ID, PRIV_PASSWORD, UsmLaboratory } from './usm-laboratory.ts';

/** An object of libvirtGuestTable. */
export const NAME = [1, 3, 6, 1, 4, 1, 36957, 1, 1, 1, 2, 200, 1];

export const NOTIFICATION: Notification = {
  oid: [1, 3, 6, 1, 4, 1, 36957, 0, 1],
  upTimeCentiseconds: 4242,
  varbinds: [
    { oid: NAME, tag: TAG.OCTET_STRING, value: 'web-1' },
    { oid: [...NAME, 7], tag: TAG.INTEGER, value: -5 },
  ],
};

/** The notification with a number that tells it from others. */
export function numbered(number: number): Notification {
  return {
    ...NOTIFICATION,
    eventSequence: number,
    varbinds: [{ oid: NAME, tag: TAG.INTEGER, value: number }],
  };
}

/** A target with what a test does not care about filled in. */
export function targetAt(port: number, change: Partial<NotifyTarget> = {}): NotifyTarget {
  return {
    name: `target-${port}`,
    kind: 'trap',
    host: '127.0.0.1',
    port,
    timeoutMs: 1000,
    retries: 2,
    version: 'v2c',
    community: 'c',
    securityName: 'trap',
    securityLevel: SECURITY_LEVEL.noAuthNoPriv,
    queueLength: 100_000,
    ...change,
  };
}

/** Timers that go by a clock which the test moves. */
export function steppedTimers(clock: VirtualClock): Timers {
  return {
    nowMs: () => clock.nowMs,
    after(ms, run) {
      const timer = clock.schedule(clock.nowMs + ms, run);
      return () => timer.cancel();
    },
  };
}

export interface LaboratoryOptions {
  readonly targets?: readonly NotifyTarget[];
  /** Folder of the journal; in memory without it. */
  readonly folder?: string;
  readonly segmentOctets?: number;
}

/** An originator with all that it needs, and what it says. Its engine is that of {@link UsmLaboratory}. */
export class NotifyLaboratory {
  readonly clock = new VirtualClock({ epochMs: 0 });
  readonly counters = new SnmpCounters();
  readonly warnings: string[] = [];
  readonly reports: DeliveryReport[] = [];
  readonly drained: [target: string, lost: number][] = [];
  readonly vacm = notifyAccess();
  readonly usm = new UsmLaboratory();
  readonly originator: Originator;

  constructor({ targets = [], folder, segmentOctets }: LaboratoryOptions) {
    const logger = { ...silentLogger, warn: (message: string) => this.warnings.push(message) };
    this.usm.addUser('watcher', 'SHA-256', 'AES');
    this.originator = new Originator({
      address: '127.0.0.1',
      vacm: this.vacm,
      counters: this.counters,
      logger,
      journal: new Journal({
        logger,
        ...(folder !== undefined && { folder }),
        ...(segmentOctets !== undefined && { segmentOctets }),
      }),
      engine: { id: ENGINE_ID, usm: this.usm.usm },
      userAt: (engineId, name) =>
        this.usm.users.find(engineId, Buffer.from(name)) ??
        (name === 'watcher'
          ? createUser(
              {
                name,
                auth: { protocol: authProtocolByName('SHA-256')!, key: { password: AUTH_PASSWORD } },
                priv: { protocol: privProtocolByName('AES')!, key: { password: PRIV_PASSWORD } },
              },
              engineId,
              this.usm.keys,
            )
          : undefined),
      onDrained: (target, lost) => this.drained.push([target, lost]),
      timers: steppedTimers(this.clock),
    });
    this.originator.onDelivery((report) => this.reports.push(report));
    this.originator.setTargets(targets);
  }

  /** Lets what is on its way arrive, and time go on, until that is so. Fails after many rounds. */
  async until(done: () => boolean, stepMs = 100): Promise<void> {
    for (let round = 0; !done(); round++) {
      if (round > 100_000) throw new Error('what was waited for does not happen');
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
      if (!done()) this.clock.advanceTo(this.clock.nowMs + stepMs);
    }
  }
}

/** Access control by which `trap` and `watcher` may be told everything, and `guarded` what lies under enterprises but for one object. */
function notifyAccess(): Vacm {
  const vacm = new Vacm();
  const kept = { storageType: STORAGE_TYPE.permanent, status: ROW_STATUS.active } as const;
  const scope = { securityModel: SECURITY_MODEL.any, securityLevel: SECURITY_LEVEL.noAuthNoPriv };
  const family = { viewName: 'few', mask: new Uint8Array(0), storageType: STORAGE_TYPE.nonVolatile } as const;
  vacm.configure({
    contexts: [''],
    groups: [
      { securityModel: SECURITY_MODEL.v1, securityName: 'trap', groupName: 'all', ...kept },
      { securityModel: SECURITY_MODEL.v2c, securityName: 'trap', groupName: 'all', ...kept },
      { securityModel: SECURITY_MODEL.usm, securityName: 'watcher', groupName: 'all', ...kept },
      { securityModel: SECURITY_MODEL.v2c, securityName: 'guarded', groupName: 'few', ...kept },
    ],
    access: [
      { ...presetAccess('admin', scope), groupName: 'all' },
      { ...presetAccess('admin', scope), groupName: 'few', notifyView: 'few' },
    ],
    families: [
      ...presetFamilies(),
      { ...family, subtree: [1, 3, 6, 1, 4, 1], included: true, status: ROW_STATUS.active },
      { ...family, subtree: [...NAME, 7], included: false, status: ROW_STATUS.active },
    ],
  });
  return vacm;
}
