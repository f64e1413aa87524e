import { ERROR_STATUS } from '../../message/constants.ts';
import { DISMAN_EVENT_MIB } from '../../mib/generated/disman-event-mib.ts';
import { type ManagedRow, type ManagedTable, ROW_STATUS } from '../../mib/managed-table.ts';
import type { BoundModule, RowSet, ScalarBinding, TableBinding } from '../../mib/module.ts';
import type { Value } from '../../mib/value.ts';
import { isOid, type Oid } from '../../util/oid.ts';
import {
  adminString,
  type Codec,
  column,
  enumeration,
  integer,
  type Keep,
  type ManagedColumn,
  managedBinding,
} from '../managed-binding.ts';
import type { ResourceLimits, TriggerResources } from './resources.ts';
import { ACTION, type Creator, type EventRow, type ObjectsRow, TEST, type TriggerRow } from './rows.ts';
import { RowsWhere } from './rows-where.ts';
import type { EventTables } from './tables.ts';

/** What DISMAN-EVENT-MIB shows and changes. */
export interface EventMibOptions {
  readonly tables: EventTables;
  readonly resources: TriggerResources;
  /** Makes what managers change outlive the program, and count. */
  readonly keep: Keep;
}

const TRUTH = enumeration([
  [1, true],
  [2, false],
]);
const oid: Codec<Oid> = {
  toValue: (field) => field,
  fromValue: (value) => (isOid(value as Oid) ? (value as Oid) : undefined),
};
/**
 * Only this agent's own objects are within reach: dismanEventMIBCompliance lets the tag be what it is, so that a tag is a
 * value that it can never have (wrongValue, RFC 3416 section 4.2.5).
 */
const noTag: Codec<string> = {
  toValue: (text) => text,
  fromValue: (value) => ((value as Uint8Array).length === 0 ? '' : undefined),
};
/** 0 asks to notice at once, which sampling cannot: it is to be refused then (RFC 2981 section 4, mteTriggerFrequency). */
const frequency: Codec<number> = {
  toValue: (seconds) => seconds,
  fromValue: (value) => (value === 0 ? undefined : (value as number)),
};
const threeBits = bits(3);
const twoBits = bits(2);

/**
 * DISMAN-EVENT-MIB (RFC 2981): triggers, events and what goes along with notifications, made and changed by managers.
 *
 * A trigger or event is one row here, whatever tables it is shown in; those of one test or action show the rows that
 * have it. What the RFC says of these tables' rows in active triggers is not quite clear; like Net-SNMP, they are
 * fixed as well.
 */
export function eventMib({ tables, resources, keep }: EventMibOptions): BoundModule {
  const trigger = (holds: (row: TriggerRow) => boolean, columns: Columns<TriggerRow>) =>
    augmenting(tables.triggers, holds, columns, keep);
  const event = (action: number, columns: Columns<EventRow>) =>
    augmenting(tables.events, ({ actions }) => (actions & action) !== 0, columns, keep);
  return {
    definition: DISMAN_EVENT_MIB,
    description: 'Triggers that watch objects, and the events that they fire',
    scalars: {
      mteResourceSampleMinimum: limit(resources, 'minimum', keep),
      mteResourceSampleInstanceMaximum: limit(resources, 'instances', keep),
      mteResourceSampleInstances: { read: () => resources.instances },
      mteResourceSampleInstancesHigh: { read: () => resources.high },
      mteResourceSampleInstanceLacks: { read: () => resources.lacks },
      mteTriggerFailures: { read: () => resources.triggerFailures },
      mteEventFailures: { read: () => resources.eventFailures },
    },
    tables: {
      mteTriggerTable: triggerTable(tables, resources, keep),
      mteTriggerDeltaTable: trigger(({ delta }) => delta, DELTA_COLUMNS),
      mteTriggerExistenceTable: trigger(({ test }) => (test & TEST.existence) !== 0, EXISTENCE_COLUMNS),
      mteTriggerBooleanTable: trigger(({ test }) => (test & TEST.boolean) !== 0, BOOLEAN_COLUMNS),
      mteTriggerThresholdTable: trigger(({ test }) => (test & TEST.threshold) !== 0, THRESHOLD_COLUMNS),
      mteObjectsTable: managedBinding(
        tables.objects,
        {
          mteObjectsID: column<ObjectsRow, 'id'>('id', oid),
          mteObjectsIDWildcard: column<ObjectsRow, 'idWildcard'>('idWildcard', TRUTH),
          mteObjectsEntryStatus: column<ObjectsRow, 'status'>('status', integer()),
        },
        keep,
      ),
      mteEventTable: managedBinding(
        tables.events,
        {
          mteEventComment: column<EventRow, 'comment'>('comment', adminString),
          mteEventActions: column<EventRow, 'actions'>('actions', twoBits),
          mteEventEnabled: column<EventRow, 'enabled'>('enabled', TRUTH),
          mteEventEntryStatus: column<EventRow, 'status'>('status', integer()),
        },
        keep,
        (request) => creatorOf(request, 'mteEventEntryStatus'),
      ),
      mteEventNotificationTable: event(ACTION.notification, NOTIFICATION_COLUMNS),
      mteEventSetTable: event(ACTION.set, SET_COLUMNS),
    },
  };
}

type Columns<R> = Readonly<Record<string, ManagedColumn<R>>>;

const DELTA_COLUMNS: Columns<TriggerRow> = {
  mteTriggerDeltaDiscontinuityID: column('discontinuityId', oid),
  mteTriggerDeltaDiscontinuityIDWildcard: column('discontinuityIdWildcard', TRUTH),
  mteTriggerDeltaDiscontinuityIDType: column('discontinuityIdType', integer()),
};

const EXISTENCE_COLUMNS: Columns<TriggerRow> = {
  mteTriggerExistenceTest: column('existenceTest', threeBits),
  mteTriggerExistenceStartup: column('existenceStartup', twoBits),
  mteTriggerExistenceObjectsOwner: column('existenceObjectsOwner', adminString),
  mteTriggerExistenceObjects: column('existenceObjects', adminString),
  mteTriggerExistenceEventOwner: column('existenceEventOwner', adminString),
  mteTriggerExistenceEvent: column('existenceEvent', adminString),
};

const BOOLEAN_COLUMNS: Columns<TriggerRow> = {
  mteTriggerBooleanComparison: column('booleanComparison', integer()),
  mteTriggerBooleanValue: column('booleanValue', integer()),
  mteTriggerBooleanStartup: column('booleanStartup', TRUTH),
  mteTriggerBooleanObjectsOwner: column('booleanObjectsOwner', adminString),
  mteTriggerBooleanObjects: column('booleanObjects', adminString),
  mteTriggerBooleanEventOwner: column('booleanEventOwner', adminString),
  mteTriggerBooleanEvent: column('booleanEvent', adminString),
};

const THRESHOLD_COLUMNS: Columns<TriggerRow> = {
  mteTriggerThresholdStartup: column('thresholdStartup', integer()),
  mteTriggerThresholdRising: column('rising', integer()),
  mteTriggerThresholdFalling: column('falling', integer()),
  mteTriggerThresholdDeltaRising: column('deltaRising', integer()),
  mteTriggerThresholdDeltaFalling: column('deltaFalling', integer()),
  mteTriggerThresholdObjectsOwner: column('thresholdObjectsOwner', adminString),
  mteTriggerThresholdObjects: column('thresholdObjects', adminString),
  mteTriggerThresholdRisingEventOwner: column('risingEventOwner', adminString),
  mteTriggerThresholdRisingEvent: column('risingEvent', adminString),
  mteTriggerThresholdFallingEventOwner: column('fallingEventOwner', adminString),
  mteTriggerThresholdFallingEvent: column('fallingEvent', adminString),
  mteTriggerThresholdDeltaRisingEventOwner: column('deltaRisingEventOwner', adminString),
  mteTriggerThresholdDeltaRisingEvent: column('deltaRisingEvent', adminString),
  mteTriggerThresholdDeltaFallingEventOwner: column('deltaFallingEventOwner', adminString),
  mteTriggerThresholdDeltaFallingEvent: column('deltaFallingEvent', adminString),
};

const NOTIFICATION_COLUMNS: Columns<EventRow> = {
  mteEventNotification: column('notification', oid),
  mteEventNotificationObjectsOwner: column('objectsOwner', adminString),
  mteEventNotificationObjects: column('objects', adminString),
};

const SET_COLUMNS: Columns<EventRow> = {
  mteEventSetObject: column('setObject', oid),
  mteEventSetObjectWildcard: column('setObjectWildcard', TRUTH),
  mteEventSetValue: column('setValue', integer()),
  mteEventSetTargetTag: column('setTargetTag', noTag),
  mteEventSetContextName: column('setContextName', adminString),
  mteEventSetContextNameWildcard: column('setContextNameWildcard', TRUTH),
};

function triggerTable(
  { triggers }: EventTables,
  resources: TriggerResources,
  keep: Keep,
): TableBinding<TriggerRow> {
  const binding = managedBinding(
    triggers,
    {
      mteTriggerComment: column('comment', adminString),
      mteTriggerTest: column('test', threeBits),
      mteTriggerSampleType: column(
        'delta',
        enumeration([
          [1, false],
          [2, true],
        ]),
      ),
      mteTriggerValueID: column('valueId', oid),
      mteTriggerValueIDWildcard: column('valueIdWildcard', TRUTH),
      mteTriggerTargetTag: column('targetTag', noTag),
      mteTriggerContextName: column('contextName', adminString),
      mteTriggerContextNameWildcard: column('contextNameWildcard', TRUTH),
      mteTriggerFrequency: column('frequency', frequency),
      mteTriggerObjectsOwner: column('objectsOwner', adminString),
      mteTriggerObjects: column('objects', adminString),
      mteTriggerEnabled: column('enabled', TRUTH),
      mteTriggerEntryStatus: column('status', integer()),
    },
    keep,
    (request) => creatorOf(request, 'mteTriggerEntryStatus'),
  );
  return {
    ...binding,
    testSet(request) {
      const seconds = request.values.get('mteTriggerFrequency') as number | undefined;
      // What the minimum forbids is possible with another one (RFC 3416 section 4.2.5).
      return seconds !== undefined && seconds > 0 && seconds < resources.limits.minimum
        ? { refused: ERROR_STATUS.inconsistentValue, column: 'mteTriggerFrequency' }
        : binding.testSet!(request);
    },
  };
}

/** A table of the rows of another that a condition holds for: they are made and removed there. */
function augmenting<R extends ManagedRow>(
  table: ManagedTable<R>,
  holds: (row: R) => boolean,
  columns: Columns<R>,
  keep: Keep,
): TableBinding<R> {
  const binding = managedBinding(table, columns, keep);
  return {
    ...binding,
    rows: new RowsWhere(table, holds),
    testSet: (request) =>
      request.row ? binding.testSet!(request) : { refused: ERROR_STATUS.inconsistentName },
  };
}

/** Who activates a row is who access control is asked about from then on (RFC 2981 section 7). */
function creatorOf<R>({ values, requester }: RowSet<R>, statusColumn: string): { creator?: Creator } {
  const status = values.get(statusColumn);
  if (status !== ROW_STATUS.active && status !== ROW_STATUS.createAndGo) return {};
  const { securityModel, securityName, securityLevel } = requester;
  return { creator: { securityModel, securityName, securityLevel } };
}

function limit(resources: TriggerResources, key: keyof ResourceLimits, keep: Keep): ScalarBinding {
  return {
    read: () => resources.limits[key],
    testSet(value: Value) {
      const before = resources.limits;
      return keep({
        commit() {
          resources.limits = { ...resources.limits, [key]: value as number };
        },
        undo() {
          resources.limits = before;
        },
      });
    },
  };
}

/** BITS of at most eight, kept as the octet that they make. Bits without a name are refused (RFC 2578 section 7.1.4). */
function bits(count: number): Codec<number> {
  const unnamed = 0xff >> count;
  return {
    toValue: (field) => Uint8Array.of(field),
    fromValue(value) {
      const [first = 0, ...rest] = value as Uint8Array;
      return (first & unnamed) !== 0 || rest.some((octet) => octet !== 0) ? undefined : first;
    },
  };
}
