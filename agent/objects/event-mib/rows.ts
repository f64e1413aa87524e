import { type ManagedRow, ROW_STATUS, type RowRules, STORAGE_TYPE } from '../../mib/managed-table.ts';
import type { Requester } from '../../mib/module.ts';
import { IndexReader, impliedNameIndex, nameIndex } from '../../mib/row-index.ts';
import type { Oid } from '../../util/oid.ts';

/** In whose name a trigger reads and an event sets: who activated its row, or the configuration, which may do all. */
export type Creator = Requester | 'configuration';

/** Bits of mteTriggerTest. */
export const TEST = { existence: 0x80, boolean: 0x40, threshold: 0x20 } as const;
/** Bits of mteTriggerExistenceTest and mteTriggerExistenceStartup, which has the first two. */
export const EXISTENCE = { present: 0x80, absent: 0x40, changed: 0x20 } as const;
/** Bits of mteEventActions. */
export const ACTION = { notification: 0x80, set: 0x40 } as const;

/** mteTriggerBooleanComparison. */
export const COMPARISON = {
  unequal: 1,
  equal: 2,
  less: 3,
  lessOrEqual: 4,
  greater: 5,
  greaterOrEqual: 6,
} as const;
/** mteTriggerThresholdStartup. */
export const STARTUP = { rising: 1, falling: 2, risingOrFalling: 3 } as const;
/** mteTriggerDeltaDiscontinuityIDType. */
export const DISCONTINUITY = { timeTicks: 1, timeStamp: 2, dateAndTime: 3 } as const;

export type Comparison = (typeof COMPARISON)[keyof typeof COMPARISON];
export type Startup = (typeof STARTUP)[keyof typeof STARTUP];
export type DiscontinuityType = (typeof DISCONTINUITY)[keyof typeof DISCONTINUITY];

/** A row of mteTriggerTable with those of the tables that its bits give it rows in (RFC 2981 section 4). */
export interface TriggerRow extends ManagedRow {
  readonly owner: string;
  readonly name: string;
  readonly comment: string;
  /** Bits of {@link TEST}. */
  readonly test: number;
  /** mteTriggerSampleType deltaValue. */
  readonly delta: boolean;
  readonly valueId: Oid;
  readonly valueIdWildcard: boolean;
  /** Empty: only this agent's own objects are watched. */
  readonly targetTag: string;
  readonly contextName: string;
  readonly contextNameWildcard: boolean;
  /** Simulated seconds. */
  readonly frequency: number;
  readonly objectsOwner: string;
  readonly objects: string;
  readonly enabled: boolean;
  readonly discontinuityId: Oid;
  readonly discontinuityIdWildcard: boolean;
  readonly discontinuityIdType: DiscontinuityType;
  /** Bits of {@link EXISTENCE}. */
  readonly existenceTest: number;
  /** Bits of {@link EXISTENCE}, changed excluded. */
  readonly existenceStartup: number;
  readonly existenceObjectsOwner: string;
  readonly existenceObjects: string;
  readonly existenceEventOwner: string;
  readonly existenceEvent: string;
  readonly booleanComparison: Comparison;
  readonly booleanValue: number;
  readonly booleanStartup: boolean;
  readonly booleanObjectsOwner: string;
  readonly booleanObjects: string;
  readonly booleanEventOwner: string;
  readonly booleanEvent: string;
  readonly thresholdStartup: Startup;
  readonly rising: number;
  readonly falling: number;
  readonly deltaRising: number;
  readonly deltaFalling: number;
  readonly thresholdObjectsOwner: string;
  readonly thresholdObjects: string;
  readonly risingEventOwner: string;
  readonly risingEvent: string;
  readonly fallingEventOwner: string;
  readonly fallingEvent: string;
  readonly deltaRisingEventOwner: string;
  readonly deltaRisingEvent: string;
  readonly deltaFallingEventOwner: string;
  readonly deltaFallingEvent: string;
  /** Absent as long as nobody has activated it. */
  readonly creator?: Creator;
}

/** A row of mteEventTable with those of mteEventNotificationTable and mteEventSetTable. */
export interface EventRow extends ManagedRow {
  readonly owner: string;
  readonly name: string;
  readonly comment: string;
  /** Bits of {@link ACTION}. */
  readonly actions: number;
  readonly enabled: boolean;
  readonly notification: Oid;
  readonly objectsOwner: string;
  readonly objects: string;
  readonly setObject: Oid;
  readonly setObjectWildcard: boolean;
  readonly setValue: number;
  /** Empty: only this agent's own objects are set. */
  readonly setTargetTag: string;
  readonly setContextName: string;
  readonly setContextNameWildcard: boolean;
  /** Absent as long as nobody has activated it. */
  readonly creator?: Creator;
}

/** A row of mteObjectsTable. */
export interface ObjectsRow extends ManagedRow {
  readonly owner: string;
  readonly name: string;
  readonly index: number;
  readonly id: Oid;
  readonly idWildcard: boolean;
}

/** Octets of the names here at most. */
export const MAX_NAME = 32;
const MAX_INDEX = 2 ** 32 - 1;
/** zeroDotZero (RFC 2578 section 2): no object. */
export const NO_OBJECT: Oid = [0, 0];
const SYS_UP_TIME: Oid = [1, 3, 6, 1, 2, 1, 1, 3, 0];
const NEW = { storageType: STORAGE_TYPE.nonVolatile, status: ROW_STATUS.notReady } as const;

/** A trigger as the DEFVAL clauses have it. */
export function newTrigger(owner: string, name: string): TriggerRow {
  return {
    owner,
    name,
    comment: '',
    test: TEST.boolean,
    delta: false,
    valueId: NO_OBJECT,
    valueIdWildcard: false,
    targetTag: '',
    contextName: '',
    contextNameWildcard: false,
    frequency: 600,
    objectsOwner: '',
    objects: '',
    enabled: false,
    discontinuityId: SYS_UP_TIME,
    discontinuityIdWildcard: false,
    discontinuityIdType: DISCONTINUITY.timeTicks,
    existenceTest: EXISTENCE.present | EXISTENCE.absent,
    existenceStartup: EXISTENCE.present | EXISTENCE.absent,
    existenceObjectsOwner: '',
    existenceObjects: '',
    existenceEventOwner: '',
    existenceEvent: '',
    booleanComparison: COMPARISON.unequal,
    booleanValue: 0,
    booleanStartup: true,
    booleanObjectsOwner: '',
    booleanObjects: '',
    booleanEventOwner: '',
    booleanEvent: '',
    thresholdStartup: STARTUP.risingOrFalling,
    rising: 0,
    falling: 0,
    deltaRising: 0,
    deltaFalling: 0,
    thresholdObjectsOwner: '',
    thresholdObjects: '',
    risingEventOwner: '',
    risingEvent: '',
    fallingEventOwner: '',
    fallingEvent: '',
    deltaRisingEventOwner: '',
    deltaRisingEvent: '',
    deltaFallingEventOwner: '',
    deltaFallingEvent: '',
    ...NEW,
  };
}

/** An event as the DEFVAL clauses have it. */
export function newEvent(owner: string, name: string): EventRow {
  return {
    owner,
    name,
    comment: '',
    actions: 0,
    enabled: false,
    notification: NO_OBJECT,
    objectsOwner: '',
    objects: '',
    setObject: NO_OBJECT,
    setObjectWildcard: false,
    setValue: 0,
    setTargetTag: '',
    setContextName: '',
    setContextNameWildcard: false,
    ...NEW,
  };
}

/**
 * mteTriggerTable: what watches nothing is not ready. mteTriggerEnabled can be set while a row is active: RFC 2981 has it
 * fixed by the letter, and Net-SNMP lets it be changed, as there would be no use for it otherwise.
 */
export const TRIGGER_RULES: RowRules<TriggerRow> = {
  indexOf: ownedIndex,
  create: (index) => created(index, newTrigger),
  isComplete: ({ valueId }) => valueId.some((id) => id > 0),
  fixedWhileActive: changeable(newTrigger('', '')),
};

/** mteEventTable: every column has a default. mteEventEnabled can be set while a row is active, as with triggers. */
export const EVENT_RULES: RowRules<EventRow> = {
  indexOf: ownedIndex,
  create: (index) => created(index, newEvent),
  isComplete: () => true,
  fixedWhileActive: changeable(newEvent('', '')),
};

/** mteObjectsTable: what names nothing is not ready. */
export const OBJECTS_RULES: RowRules<ObjectsRow> = {
  indexOf: ({ owner, name, index }) => [...nameIndex(owner), ...nameIndex(name), index],
  create(ids) {
    const parts = new IndexReader(ids);
    const owner = parts.name(0, MAX_NAME);
    const name = parts.name(1, MAX_NAME);
    const index = parts.number();
    if (owner === undefined || name === undefined || !index || index > MAX_INDEX || !parts.ended)
      return undefined;
    return { owner, name, index, id: NO_OBJECT, idWildcard: false, ...NEW };
  },
  isComplete: ({ id }) => id.some((subid) => subid > 0),
  fixedWhileActive: ['id', 'idWildcard'],
};

/** INDEX { mteOwner, IMPLIED name } (RFC 2981 section 4). */
export function ownedIndex({ owner, name }: { readonly owner: string; readonly name: string }): Oid {
  return [...nameIndex(owner), ...impliedNameIndex(name)];
}

function created<R>(index: Oid, make: (owner: string, name: string) => R): R | undefined {
  const parts = new IndexReader(index);
  const owner = parts.name(0, MAX_NAME);
  const name = parts.impliedName(1, MAX_NAME);
  return owner === undefined || name === undefined ? undefined : make(owner, name);
}

/** The fields that columns set, but for whether the row is enabled. */
function changeable<R extends ManagedRow>(row: R): (keyof R)[] {
  const others = ['owner', 'name', 'enabled', 'storageType', 'status'];
  return (Object.keys(row) as (keyof R & string)[]).filter((field) => !others.includes(field));
}
