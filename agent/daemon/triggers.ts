import type { Config } from '../config/schema.ts';
import { DISMAN_EVENT_MIB } from '../mib/generated/disman-event-mib.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../mib/managed-table.ts';
import {
  ACTION,
  COMPARISON,
  DISCONTINUITY,
  type EventRow,
  EXISTENCE,
  NO_OBJECT,
  newEvent,
  newTrigger,
  type ObjectsRow,
  STARTUP,
  TEST,
  type TriggerRow,
} from '../objects/event-mib/rows.ts';
import type { EventConfiguration } from '../objects/event-mib/tables.ts';
import type { Oid } from '../util/oid.ts';

type EventName = Pick<EventRow, 'owner' | 'name'>;
type Trigger = Config['triggers'][number];

/** mteOwner of the rows of the configuration. */
const OWNER = 'config';
/** And of the events of its thresholds, where they are not the default ones. */
const RISING_OWNER = 'config.rising';
const FALLING_OWNER = 'config.falling';
const MS_PER_SECOND = 1000;
/** Rows of the configuration are changed there. */
const CONFIGURED = {
  creator: 'configuration',
  enabled: true,
  storageType: STORAGE_TYPE.readOnly,
  status: ROW_STATUS.active,
} as const;

/**
 * The events that send DISMAN-EVENT-MIB's own notifications, by the owner and the names that they have in Net-SNMP's
 * agent: triggers of its users name them.
 */
const DEFAULT_OWNER = '_snmpd';
const FIRED = { owner: DEFAULT_OWNER, name: '_triggerFire' };
const RISING = { owner: DEFAULT_OWNER, name: '_triggerRise' };
const FALLING = { owner: DEFAULT_OWNER, name: '_triggerFall' };

/** The tables of DISMAN-EVENT-MIB as a configuration wants them. */
export function eventConfiguration({ triggers }: Config): EventConfiguration {
  const { mteTriggerFired, mteTriggerRising, mteTriggerFalling } = DISMAN_EVENT_MIB.notifications;
  return {
    triggers: triggers.map(triggerRow),
    events: [
      notificationEvent(FIRED, mteTriggerFired.oid),
      notificationEvent(RISING, mteTriggerRising.oid),
      notificationEvent(FALLING, mteTriggerFalling.oid),
      ...triggers.flatMap(ownEvents),
    ],
    objects: triggers.flatMap(({ name, objects }) =>
      objects.map(
        ({ oid, wildcard }, at): ObjectsRow => ({
          owner: OWNER,
          name,
          index: at + 1,
          id: oid,
          idWildcard: wildcard,
          storageType: CONFIGURED.storageType,
          status: CONFIGURED.status,
        }),
      ),
    ),
  };
}

function triggerRow(trigger: Trigger): TriggerRow {
  const { name, comment, object, every, sample, objects, enabled } = trigger;
  const { existence, boolean, threshold, discontinuity } = trigger;
  const fired = eventOf(trigger, FIRED, OWNER);
  const rising = eventOf(trigger, RISING, RISING_OWNER);
  const falling = eventOf(trigger, FALLING, FALLING_OWNER);
  const tests = {
    ...(existence && { existence }),
    ...(boolean && { boolean }),
    ...(threshold && { threshold }),
  };
  return {
    ...newTrigger(OWNER, name),
    ...CONFIGURED,
    comment,
    test: bits(Object.keys(tests) as (keyof typeof TEST)[], TEST),
    delta: sample === 'delta',
    valueId: object.oid,
    valueIdWildcard: object.wildcard,
    frequency: Math.max(1, Math.round(every / MS_PER_SECOND)),
    ...(objects.length > 0 && { objectsOwner: OWNER, objects: name }),
    enabled,
    ...(discontinuity && {
      discontinuityId: discontinuity.object.oid,
      discontinuityIdWildcard: discontinuity.object.wildcard,
      discontinuityIdType: DISCONTINUITY[discontinuity.type],
    }),
    ...(existence && {
      existenceTest: bits(existence.on, EXISTENCE),
      existenceStartup: bits(existence.startup, EXISTENCE),
      existenceEventOwner: fired.owner,
      existenceEvent: fired.name,
    }),
    ...(boolean && {
      booleanComparison: COMPARISON[boolean.is],
      booleanValue: boolean.value,
      booleanStartup: boolean.startup,
      booleanEventOwner: fired.owner,
      booleanEvent: fired.name,
    }),
    ...(threshold && {
      thresholdStartup: STARTUP[threshold.startup],
      rising: threshold.rising,
      falling: threshold.falling,
      risingEventOwner: rising.owner,
      risingEvent: rising.name,
      fallingEventOwner: falling.owner,
      fallingEvent: falling.name,
    }),
    ...(threshold?.deltaRising !== undefined && {
      deltaRising: threshold.deltaRising,
      deltaFalling: threshold.deltaFalling!,
      deltaRisingEventOwner: rising.owner,
      deltaRisingEvent: rising.name,
      deltaFallingEventOwner: falling.owner,
      deltaFallingEvent: falling.name,
    }),
  };
}

/** A trigger that does something else than to send the default notification has events of its own, of its own name. */
function ownEvents({ name, notify, set, threshold, existence, boolean }: Trigger): EventRow[] {
  if (notify === undefined && set === undefined) return [];
  const { mteTriggerFired, mteTriggerRising, mteTriggerFalling } = DISMAN_EVENT_MIB.notifications;
  const isSilent = notify?.length === 0;
  const event = (owner: string, notification: Oid): EventRow => ({
    ...notificationEvent({ owner, name }, isSilent ? NO_OBJECT : (notify ?? notification)),
    ...(set && {
      actions: isSilent ? ACTION.set : ACTION.notification | ACTION.set,
      setObject: set.object.oid,
      setObjectWildcard: set.object.wildcard,
      setValue: set.value,
    }),
  });
  return [
    ...(existence || boolean ? [event(OWNER, mteTriggerFired.oid)] : []),
    ...(threshold
      ? [event(RISING_OWNER, mteTriggerRising.oid), event(FALLING_OWNER, mteTriggerFalling.oid)]
      : []),
  ];
}

function notificationEvent({ owner, name }: EventName, notification: Oid): EventRow {
  return { ...newEvent(owner, name), ...CONFIGURED, actions: ACTION.notification, notification };
}

/** The event of a test: the default one, unless the trigger has its own. */
function eventOf({ name, notify, set }: Trigger, otherwise: EventName, owner: string): EventName {
  return notify === undefined && set === undefined ? otherwise : { owner, name };
}

function bits<K extends string>(names: readonly K[], values: Readonly<Record<K, number>>): number {
  return names.reduce((sum, name) => sum | values[name], 0);
}
