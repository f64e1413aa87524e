import { presetAccess, presetFamilies } from '../../agent/access/presets.ts';
import { Vacm } from '../../agent/access/vacm.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../../agent/access/vacm-rows.ts';
import { objectSetter } from '../../agent/daemon/object-setter.ts';
import type { BaseSyntax } from '../../agent/mib/definition.ts';
import { DISMAN_EVENT_MIB } from '../../agent/mib/generated/disman-event-mib.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../../agent/mib/managed-table.ts';
import { Registry } from '../../agent/mib/registry.ts';
import type { Value } from '../../agent/mib/value.ts';
import type { Notification } from '../../agent/notify/notification.ts';
import { CreatorViews } from '../../agent/objects/event-mib/creator-views.ts';
import { EventRunner } from '../../agent/objects/event-mib/event-runner.ts';
import { TriggerResources } from '../../agent/objects/event-mib/resources.ts';
import {
  ACTION,
  type EventRow,
  newEvent,
  newTrigger,
  type ObjectsRow,
  type TriggerRow,
} from '../../agent/objects/event-mib/rows.ts';
import { EventTables } from '../../agent/objects/event-mib/tables.ts';
import { Triggers } from '../../agent/objects/event-mib/triggers.ts';
import { NumberedRows } from '../../agent/objects/numbered-rows.ts';
import { VirtualClock } from '../../agent/util/clock.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import type { Oid } from '../../agent/util/oid.ts';
import { syntheticModule } from './synthetic-module.ts';

/** Where the laboratory's objects are. */
export const ROOT: Oid = [1, 3, 6, 1, 4, 1, 99999, 7];
/** The column of numbers, and that of what they are called. */
export const NUMBER: Oid = [...ROOT, 20, 1, 2];
export const NAME: Oid = [...ROOT, 20, 1, 3];
/** The column that can be set. */
export const SWITCH: Oid = [...ROOT, 20, 1, 4];
/** When the number of a row began anew. */
export const SINCE: Oid = [...ROOT, 20, 1, 5];
const SYS_UP_TIME = { root: '1.3.6.1.2.1.1', at: 3 };

export interface LaboratoryRow {
  number: Value;
  name: string;
  switch: number;
  since: number;
}

/** Who may see all but the numbers. */
export const BLIND = { securityModel: 2, securityName: 'blind', securityLevel: 1 } as const;
/** Who may see and set all. */
export const WRITER = { securityModel: 2, securityName: 'writer', securityLevel: 1 } as const;
/** Whom access control does not know. */
export const NOBODY = { securityModel: 2, securityName: 'nobody', securityLevel: 1 } as const;

const ACTIVE = { storageType: STORAGE_TYPE.nonVolatile, status: ROW_STATUS.active } as const;

/** Triggers at work on a table of one's own: rows come, go and change as a test wants. */
export class TriggerLaboratory {
  readonly clock = new VirtualClock({ epochMs: 0 });
  readonly tables = new EventTables();
  readonly resources = new TriggerResources();
  readonly vacm = vacm();
  readonly triggers: Triggers;
  /** Each notification as a short line: what, which trigger, which instance, what value or reason, other objects. */
  readonly told: string[] = [];
  /** What sysUpTime says beside the clock. */
  upTimeShift = 0;
  readonly #kept = new Map<number, LaboratoryRow>();
  #begun = false;

  constructor(base: BaseSyntax = 'Integer32') {
    const { clock, tables, resources } = this;
    const places = () => Array.from(this.#kept.keys()).sort((a, b) => a - b);
    const rows = new NumberedRows<LaboratoryRow>({
      count: () => this.#kept.size,
      index: (place) => [places()[place]!],
      row: (place) => this.#kept.get(places()[place]!)!,
    });
    const upTimeCentiseconds = () => clock.nowMs / 10 + this.upTimeShift;
    const registry = new Registry([
      syntheticModule({
        root: SYS_UP_TIME.root,
        scalars: { sysUpTime: { at: SYS_UP_TIME.at, base: 'TimeTicks', read: upTimeCentiseconds } },
      }),
      syntheticModule({
        root: ROOT.join('.'),
        tables: {
          table: {
            at: 20,
            rows,
            columns: {
              number: { at: 2, base, read: (row) => row.number },
              name: { at: 3, base: 'OctetString', read: (row) => row.name },
              switch: { at: 4, base: 'Integer32', access: 'read-write', read: (row) => row.switch },
              since: { at: 5, base: 'TimeTicks', read: (row) => row.since },
            },
            testSet: ({ row, values }) => {
              if (!row) return { refused: 18 };
              const before = row.switch;
              return {
                commit: () => {
                  row.switch = values.get('switch') as number;
                },
                undo: () => {
                  row.switch = before;
                },
              };
            },
          },
        },
      }),
    ]);
    const views = new CreatorViews(this.vacm, registry);
    const runner = new EventRunner({
      tables,
      resources,
      registry,
      views,
      send: (notification) => this.told.push(line(notification)),
      set: objectSetter(registry, silentLogger),
      upTimeCentiseconds,
    });
    this.triggers = new Triggers({ clock, tables, resources, registry, views, runner, logger: silentLogger });
    const { mteTriggerFired, mteTriggerRising, mteTriggerFalling } = DISMAN_EVENT_MIB.notifications;
    this.event('fired', { notification: mteTriggerFired.oid });
    this.event('rising', { notification: mteTriggerRising.oid });
    this.event('falling', { notification: mteTriggerFalling.oid });
  }

  /** Makes a row, or changes one. */
  row(at: number, number: Value, change: Partial<LaboratoryRow> = {}): void {
    const before = this.#kept.get(at) ?? { number, name: `row ${at}`, switch: 0, since: 0 };
    const row = { ...before, number, ...change };
    this.#kept.set(at, row);
  }

  /** What the column that can be set has. */
  switchOf(at: number): number | undefined {
    return this.#kept.get(at)?.switch;
  }

  remove(at: number): void {
    this.#kept.delete(at);
  }

  event(name: string, change: Partial<EventRow>): void {
    const row: EventRow = {
      ...newEvent('o', name),
      actions: ACTION.notification,
      enabled: true,
      creator: 'configuration',
      ...ACTIVE,
      ...change,
    };
    this.tables.events.restore([row]);
  }

  objects(name: string, ...ids: readonly { readonly id: Oid; readonly idWildcard: boolean }[]): void {
    this.tables.objects.restore(
      ids.map((id, i): ObjectsRow => ({ owner: 'o', name, index: i + 1, ...id, ...ACTIVE })),
    );
  }

  /** Makes a trigger of all numbers that samples each second, and lets it begin. */
  trigger(name: string, change: Partial<TriggerRow>): void {
    const row: TriggerRow = {
      ...newTrigger('o', name),
      valueId: NUMBER,
      valueIdWildcard: true,
      frequency: 1,
      enabled: true,
      creator: 'configuration',
      existenceEventOwner: 'o',
      existenceEvent: 'fired',
      booleanEventOwner: 'o',
      booleanEvent: 'fired',
      risingEventOwner: 'o',
      risingEvent: 'rising',
      fallingEventOwner: 'o',
      fallingEvent: 'falling',
      ...ACTIVE,
      ...change,
    };
    this.tables.triggers.restore([row]);
    this.triggers.follow();
  }

  /** Lets the next sample be taken, and returns what was told of it. */
  sample(): string[] {
    // The first is taken at the moment itself.
    this.clock.advanceTo(this.#begun ? this.clock.nowMs + 1000 : 0);
    this.#begun = true;
    return this.told.splice(0);
  }
}

function vacm(): Vacm {
  const made = new Vacm();
  const kept = { storageType: STORAGE_TYPE.permanent, status: ROW_STATUS.active } as const;
  const scope = { securityModel: SECURITY_MODEL.any, securityLevel: SECURITY_LEVEL.noAuthNoPriv };
  made.configure({
    contexts: [''],
    groups: ['blind', 'writer'].map((name) => ({
      securityModel: SECURITY_MODEL.v2c,
      securityName: name,
      groupName: name,
      ...kept,
    })),
    access: [
      { ...presetAccess('admin', scope), groupName: 'writer' },
      { ...presetAccess('admin', scope), groupName: 'blind', readView: 'some', writeView: 'some' },
    ],
    families: [
      ...presetFamilies(),
      { viewName: 'some', subtree: [1], mask: new Uint8Array(0), included: true, ...kept },
      { viewName: 'some', subtree: NUMBER, mask: new Uint8Array(0), included: false, ...kept },
      { viewName: 'some', subtree: SWITCH, mask: new Uint8Array(0), included: false, ...kept },
    ],
  });
  return made;
}

/** Names of what a notification may be. */
const NAMES = new Map(
  Object.entries(DISMAN_EVENT_MIB.notifications).map(([name, { oid }]) => [oid.join('.'), name]),
);

function line({ oid, varbinds }: Notification): string {
  const name = NAMES.get(oid.join('.'));
  if (!name) return [oid.join('.'), ...varbinds.map(({ value }) => value)].join(' ');
  const [trigger, , , at, number, ...others] = varbinds.map(({ value }) => value);
  const instance = (at as Oid).slice(NUMBER.length).join('.');
  const short = name.replace('mteTrigger', '').replace('mteEvent', '');
  return [short, trigger, instance, number, ...others].join(' ');
}
