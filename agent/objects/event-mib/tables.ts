import { ManagedTable, ROW_STATUS } from '../../mib/managed-table.ts';
import { octetLength } from '../../mib/row-index.ts';
import { StoredFields } from '../../mib/stored-fields.ts';
import { isOid, type Oid } from '../../util/oid.ts';
import type { DurablePart } from '../durable-state.ts';
import {
  type Creator,
  EVENT_RULES,
  type EventRow,
  MAX_NAME,
  newEvent,
  newTrigger,
  OBJECTS_RULES,
  type ObjectsRow,
  ownedIndex,
  TRIGGER_RULES,
  type TriggerRow,
} from './rows.ts';

/** What a configuration says of the tables. */
export interface EventConfiguration {
  readonly triggers: readonly TriggerRow[];
  readonly events: readonly EventRow[];
  readonly objects: readonly ObjectsRow[];
}

/** Octets of names of contexts, tags and comments (SnmpAdminString). */
const MAX_TEXT = 255;
const MIN_INTEGER = -(2 ** 31);
const MAX_UNSIGNED = 2 ** 32 - 1;
/** Text with more octets than a name of the tables may have. */
const LONG_TEXTS: readonly string[] = [
  'comment',
  'contextName',
  'targetTag',
  'setContextName',
  'setTargetTag',
];

/** The tables of DISMAN-EVENT-MIB (RFC 2981) that managers and the configuration make rows in. */
export class EventTables implements DurablePart {
  readonly triggers = new ManagedTable<TriggerRow>(TRIGGER_RULES);
  readonly events = new ManagedTable<EventRow>(EVENT_RULES);
  readonly objects = new ManagedTable<ObjectsRow>(OBJECTS_RULES);
  /** The active rows of {@link objects} by group, as they were at {@link #groupsAt}. */
  readonly #groups = new Map<string, ObjectsRow[]>();
  #groupsAt = -1;

  /** Takes over a configuration; what managers have made stays, see {@link ManagedTable.configure}. */
  configure({ triggers, events, objects }: EventConfiguration): void {
    this.triggers.configure(triggers);
    this.events.configure(events);
    this.objects.configure(objects);
  }

  /** An event that is to be run; `undefined` when none of the name is active and enabled. */
  event(owner: string, name: string): EventRow | undefined {
    const row = this.events.get(ownedIndex({ owner, name }));
    return row?.status === ROW_STATUS.active && row.enabled ? row : undefined;
  }

  /** The active rows of a group of objects, in order. */
  group(owner: string, name: string): readonly ObjectsRow[] {
    if (name === '') return [];
    if (this.#groupsAt !== this.objects.changes) {
      this.#groupsAt = this.objects.changes;
      this.#groups.clear();
      for (const row of this.objects) {
        if (row.status !== ROW_STATUS.active) continue;
        const key = groupKey(row.owner, row.name);
        const rows = this.#groups.get(key);
        if (rows) rows.push(row);
        else this.#groups.set(key, [row]);
      }
    }
    return this.#groups.get(groupKey(owner, name)) ?? [];
  }

  /** What managers made, as plain JSON. */
  snapshot(): unknown {
    return {
      triggers: this.triggers.durable(),
      events: this.events.durable(),
      objects: this.objects.durable(),
    };
  }

  /** Puts back what {@link snapshot} gave. Throws STATE_FAILED, with nothing changed, when it is not that. */
  restore(stored: unknown): void {
    const root = new StoredFields(stored, 'the stored triggers');
    const triggers = root.list('triggers').map((row) => restored(row, newTrigger));
    const events = root.list('events').map((row) => restored(row, newEvent));
    const objects = root.list('objects').map((row) => ({
      owner: row.name('owner', 0),
      name: row.name('name', 1),
      index: row.integer('index', 1, MAX_UNSIGNED),
      id: oidOf(row, 'id'),
      idWildcard: row.oneOf('idWildcard', [true, false]),
      ...row.managed(),
    }));
    this.triggers.restore(triggers);
    this.events.restore(events);
    this.objects.restore(objects);
  }
}

function groupKey(owner: string, name: string): string {
  return `${owner.length} ${owner}${name}`;
}

/** A row whose fields are of the kinds that those of a new one are. */
function restored<R extends TriggerRow | EventRow>(
  row: StoredFields,
  make: (owner: string, name: string) => R,
): R {
  const blank = make(row.name('owner', 0), row.name('name', 1));
  const fields = Object.entries(blank)
    .filter(([key]) => !['owner', 'name', 'storageType', 'status'].includes(key))
    .map(([key, value]) => [key, fieldOf(row, key, value)]);
  const creator = row.has('creator') ? { creator: creatorOf(row) } : {};
  return { ...blank, ...Object.fromEntries(fields), ...row.managed(), ...creator };
}

function fieldOf(row: StoredFields, key: string, blank: unknown): unknown {
  if (typeof blank === 'boolean') return row.oneOf(key, [true, false]);
  if (typeof blank === 'string') return row.name(key, 0, LONG_TEXTS.includes(key) ? MAX_TEXT : MAX_NAME);
  if (typeof blank === 'number') return row.integer(key, MIN_INTEGER, MAX_UNSIGNED);
  return oidOf(row, key);
}

function oidOf(row: StoredFields, key: string): Oid {
  const isRight = (value: unknown): value is Oid => Array.isArray(value) && isOid(value as Oid);
  return row.checked(key, isRight, 'a list of sub-identifiers');
}

function creatorOf(row: StoredFields): Creator {
  const isRight = (value: unknown): value is Creator => {
    const { securityModel, securityName, securityLevel } = Object(value);
    return (
      [1, 2, 3].includes(securityModel) &&
      typeof securityName === 'string' &&
      octetLength(securityName) <= MAX_TEXT &&
      [1, 2, 3].includes(securityLevel)
    );
  };
  return row.checked('creator', isRight, 'a security model, name and level');
}
