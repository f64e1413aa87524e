import type { View } from '../../access/compiled-view.ts';
import { TAG } from '../../ber/tags.ts';
import { ERROR_STATUS, type ErrorStatus } from '../../message/constants.ts';
import { DISMAN_EVENT_MIB } from '../../mib/generated/disman-event-mib.ts';
import { instanceAt } from '../../mib/instances.ts';
import type { Registry } from '../../mib/registry.ts';
import type { Notification, Varbind } from '../../notify/notification.ts';
import { isOid, type Oid } from '../../util/oid.ts';
import type { CreatorViews } from './creator-views.ts';
import type { Firing } from './evaluate.ts';
import { completed } from './object-names.ts';
import type { TriggerResources } from './resources.ts';
import { ACTION, type Creator, type EventRow, type TriggerRow } from './rows.ts';
import { hotValue } from './sampled.ts';
import type { EventTables } from './tables.ts';

/** Sets an object as a SetRequest of the creator would, through his view, and returns how that ended. */
export type SetObject = (oid: Oid, value: number, view: View, creator: Creator) => ErrorStatus;

export interface EventRunnerOptions {
  readonly tables: EventTables;
  readonly resources: TriggerResources;
  readonly registry: Registry;
  readonly views: CreatorViews;
  /** `trigger`: the one that brought it about. */
  readonly send: (notification: Notification, trigger: TriggerRow) => void;
  readonly set: SetObject;
  /** sysUpTime now, hundredths of a second. */
  readonly upTimeCentiseconds: () => number;
}

/** What happened: which trigger, where and with which instance. */
interface Occasion {
  readonly row: TriggerRow;
  readonly contextName: string;
  /** The instance that was looked at. */
  readonly oid: Oid;
}

/** Which fields of a trigger's row say what is done. */
const FIELDS = {
  existence: ['existenceEventOwner', 'existenceEvent', 'existenceObjectsOwner', 'existenceObjects'],
  boolean: ['booleanEventOwner', 'booleanEvent', 'booleanObjectsOwner', 'booleanObjects'],
  rising: ['risingEventOwner', 'risingEvent', 'thresholdObjectsOwner', 'thresholdObjects'],
  falling: ['fallingEventOwner', 'fallingEvent', 'thresholdObjectsOwner', 'thresholdObjects'],
  deltaRising: ['deltaRisingEventOwner', 'deltaRisingEvent', 'thresholdObjectsOwner', 'thresholdObjects'],
  deltaFalling: ['deltaFallingEventOwner', 'deltaFallingEvent', 'thresholdObjectsOwner', 'thresholdObjects'],
} as const satisfies Record<Firing, readonly (keyof TriggerRow)[]>;

const { scalars: HOT, notifications: NOTIFICATIONS } = DISMAN_EVENT_MIB;
/** Those that carry what was hot. */
const FIRED: readonly Oid[] = [
  NOTIFICATIONS.mteTriggerFired.oid,
  NOTIFICATIONS.mteTriggerRising.oid,
  NOTIFICATIONS.mteTriggerFalling.oid,
];

/** Does what the events of triggers say. */
export class EventRunner {
  readonly #options: EventRunnerOptions;

  constructor(options: EventRunnerOptions) {
    this.#options = options;
  }

  /** Runs the event of a test that fired with a sample, if it has one that is in use. */
  fire(occasion: Occasion, firing: Firing, sample: number | undefined): void {
    const { row } = occasion;
    const [ownerField, eventField, objectsOwnerField, objectsField] = FIELDS[firing];
    if (row[eventField] === '') return;
    const event = this.#options.tables.event(row[ownerField], row[eventField]);
    if (!event) return;
    if ((event.actions & ACTION.notification) !== 0) {
      const groups: [string, string][] = [
        [row.objectsOwner, row.objects],
        [row[objectsOwnerField], row[objectsField]],
        [event.objectsOwner, event.objects],
      ];
      this.#notify(occasion, event, groups, sample);
    }
    if ((event.actions & ACTION.set) !== 0) this.#set(occasion, event);
  }

  /** Tells that an object could not be looked at. */
  failed(occasion: Occasion, reason: number): void {
    const { mteTriggerFailure } = NOTIFICATIONS;
    this.#send(occasion, mteTriggerFailure.oid, [...hot(occasion, occasion.oid), failedReason(reason)]);
  }

  /**
   * The notification's own objects come first where they are known: what was hot. Others are to be in the groups, which
   * follow in the order of RFC 2981 section 4, mteEventNotificationObjects.
   */
  #notify(
    occasion: Occasion,
    event: EventRow,
    groups: readonly (readonly [owner: string, name: string])[],
    sample: number | undefined,
  ): void {
    const { notification } = event;
    if (!isOid(notification) || notification.every((id) => id === 0)) {
      this.#options.resources.eventFailures++;
      return;
    }
    const own = FIRED.some((oid) => oid.join('.') === notification.join('.'));
    const value: Varbind = {
      oid: [...HOT.mteHotValue.oid, 0],
      tag: TAG.INTEGER,
      value: hotValue(sample),
    };
    const objects = groups.flatMap(([owner, name]) => this.#objects(occasion, owner, name));
    this.#send(occasion, notification, [...(own ? [...hot(occasion, occasion.oid), value] : []), ...objects]);
  }

  /** The objects of a group that the trigger's creator may see now. */
  #objects({ row, contextName, oid: instance }: Occasion, owner: string, name: string): Varbind[] {
    const { tables, registry, views } = this.#options;
    const rows = tables.group(owner, name);
    const view = rows.length > 0 ? views.of(row.creator, 'read', contextName) : undefined;
    return rows.flatMap(({ id, idWildcard }) => {
      const oid = idWildcard ? completed(registry, id, instance) : id;
      if (!view?.contains(oid, 0, oid.length)) return [];
      const found = instanceAt(registry, oid);
      return found ? { oid, tag: found.leaf.tag, value: found.value } : [];
    });
  }

  #set(occasion: Occasion, event: EventRow): void {
    const { registry, resources } = this.#options;
    const { setObject, setObjectWildcard } = event;
    const oid = setObjectWildcard ? completed(registry, setObject, occasion.oid) : setObject;
    const status = this.#attempt(occasion, event, oid);
    if (status === ERROR_STATUS.noError) return;
    resources.eventFailures++;
    const { mteEventSetFailure } = NOTIFICATIONS;
    this.#send(occasion, mteEventSetFailure.oid, [...hot(occasion, oid), failedReason(status)]);
  }

  #attempt({ contextName: firedIn, row }: Occasion, event: EventRow, oid: Oid): ErrorStatus {
    const { views, set } = this.#options;
    const { setContextName, setContextNameWildcard, setValue, creator } = event;
    // The name goes on as that of the context where the trigger fired does, behind what it asked for.
    const contextName = setContextNameWildcard
      ? setContextName + firedIn.slice(row.contextName.length)
      : setContextName;
    if (views.contexts(contextName, false).length === 0) return ERROR_STATUS.noAccess;
    const view = views.of(creator, 'write', contextName);
    if (!view || !creator) return ERROR_STATUS.authorizationError;
    return set(oid, setValue, view, creator);
  }

  #send({ row }: Occasion, oid: Oid, varbinds: readonly Varbind[]): void {
    const { send, upTimeCentiseconds } = this.#options;
    send({ oid, upTimeCentiseconds: upTimeCentiseconds(), varbinds }, row);
  }
}

/** The trigger and where it looked; the name of the target is empty, as all is on this system. */
function hot({ row, contextName }: Occasion, oid: Oid): Varbind[] {
  return [
    { oid: [...HOT.mteHotTrigger.oid, 0], tag: TAG.OCTET_STRING, value: row.name },
    { oid: [...HOT.mteHotTargetName.oid, 0], tag: TAG.OCTET_STRING, value: '' },
    { oid: [...HOT.mteHotContextName.oid, 0], tag: TAG.OCTET_STRING, value: contextName },
    { oid: [...HOT.mteHotOID.oid, 0], tag: TAG.OBJECT_IDENTIFIER, value: oid },
  ];
}

function failedReason(reason: number): Varbind {
  return { oid: [...HOT.mteFailedReason.oid, 0], tag: TAG.INTEGER, value: reason };
}
