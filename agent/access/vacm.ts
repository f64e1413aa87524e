import { ManagedTable, ROW_STATUS } from '../mib/managed-table.ts';
import {
  ACCESS_RULES,
  type AccessRow,
  FAMILY_RULES,
  type FamilyRow,
  GROUP_RULES,
  type GroupRow,
  SECURITY_MODEL,
  type SecurityLevel,
} from './vacm-rows.ts';
import { parseVacmSnapshot, type VacmSnapshot, vacmSnapshot } from './vacm-snapshot.ts';
import { ViewTree } from './view-tree.ts';

/** Who wants to do what (RFC 3415 section 3.2, the parameters of isAccessAllowed but the name of the variable). */
export interface AccessRequest {
  /** SnmpSecurityModel of the message: 1, 2 or 3. */
  readonly securityModel: number;
  readonly securityName: string;
  readonly securityLevel: SecurityLevel;
  readonly viewType: 'read' | 'write' | 'notify';
  readonly contextName: string;
}

/** Why there is no view at all (RFC 3415 section 3.2). */
export type AccessError = 'noSuchContext' | 'noGroupName' | 'noAccessEntry' | 'noSuchView';

/** The view to look through, or why there is none; notInView is for whoever has the view to say. */
export type AccessDecision = { readonly view: ViewTree } | { readonly error: AccessError };

/** What a configuration says of the four tables. */
export interface VacmConfiguration {
  /** Names of the contexts that the agent has; '' is the default one. */
  readonly contexts: readonly string[];
  readonly groups: readonly GroupRow[];
  readonly access: readonly AccessRow[];
  readonly families: readonly FamilyRow[];
}

const DENIED = {
  noSuchContext: { error: 'noSuchContext' },
  noGroupName: { error: 'noGroupName' },
  noAccessEntry: { error: 'noAccessEntry' },
  noSuchView: { error: 'noSuchView' },
} as const;

/**
 * The View-based Access Control Model of one agent (RFC 3415): its four tables and the question they answer.
 *
 * Without rows nothing is allowed, and the only context is the default one.
 */
export class Vacm {
  /** vacmSecurityToGroupTable. */
  readonly groups = new ManagedTable<GroupRow>(GROUP_RULES);
  /** vacmAccessTable. */
  readonly access = new ManagedTable<AccessRow>(ACCESS_RULES);
  /** vacmViewTreeFamilyTable. */
  readonly families = new ManagedTable<FamilyRow>(FAMILY_RULES);
  #contexts: ReadonlySet<string> = new Set(['']);
  #contextChanges = 0;

  readonly #groupNames = new Derived(this.groups, groupsByName);
  readonly #rights = new Derived(this.access, rightsByGroup);
  readonly #views = new Derived(this.families, viewsByName);

  /** vacmContextTable: names of the contexts that the agent has. It tells managers, and they cannot change it. */
  get contexts(): ReadonlySet<string> {
    return this.#contexts;
  }

  /** How often any of the four tables was changed: what was kept of an answer is good while this stays. */
  get changes(): number {
    return this.#contextChanges + this.groups.changes + this.access.changes + this.families.changes;
  }

  /** Takes over a configuration; what managers have made or changed stays, see {@link ManagedTable.configure}. */
  configure({ contexts, groups, access, families }: VacmConfiguration): void {
    this.#contexts = new Set(contexts);
    this.#contextChanges++;
    this.groups.configure(groups);
    this.access.configure(access);
    this.families.configure(families);
  }

  /** Decides which view a request looks through (RFC 3415 section 3.2). */
  isAccessAllowed(request: AccessRequest): AccessDecision {
    // (1) the context must be known.
    if (!this.#contexts.has(request.contextName)) return DENIED.noSuchContext;
    // (2) the requester must belong to a group.
    const group = this.#groupNames.value.get(request.securityModel)?.get(request.securityName);
    if (group === undefined) return DENIED.noGroupName;
    // (3) the group must have a right that fits.
    const right = bestRight(this.#rights.value.get(group), request);
    if (!right) return DENIED.noAccessEntry;
    // (4) and (5): the right must name a view for this use, and the view must be one.
    const view = this.#views.value.get(viewNameOf(right, request.viewType));
    return view ? { view } : DENIED.noSuchView;
  }

  /** The view of this name; `undefined` when none of its families is active. */
  view(name: string): ViewTree | undefined {
    return this.#views.value.get(name);
  }

  /** What must be stored to have the managers' changes again after a restart. */
  snapshot(): VacmSnapshot {
    return vacmSnapshot(this.groups.durable(), this.access.durable(), this.families.durable());
  }

  /**
   * Puts a stored snapshot over the configuration. Throws STATE_FAILED, with nothing changed, when it is not one.
   * What only was in memory or configured when the snapshot was taken is not in it, and is left as it is.
   */
  restore(stored: unknown): void {
    const { groups, access, families } = parseVacmSnapshot(stored);
    this.groups.restore(groups);
    this.access.restore(access);
    this.families.restore(families);
  }
}

/** Something worked out from a table, and worked out again when the table has changed. */
class Derived<T, R extends { readonly changes: number }> {
  readonly #source: R;
  readonly #derive: (source: R) => T;
  #changes = -1;
  #value!: T;

  constructor(source: R, derive: (source: R) => T) {
    this.#source = source;
    this.#derive = derive;
  }

  get value(): T {
    if (this.#changes !== this.#source.changes) {
      this.#value = this.#derive(this.#source);
      this.#changes = this.#source.changes;
    }
    return this.#value;
  }
}

function groupsByName(groups: Iterable<GroupRow>): ReadonlyMap<number, ReadonlyMap<string, string>> {
  const models = new Map<number, Map<string, string>>();
  for (const { securityModel, securityName, groupName, status } of groups) {
    if (status !== ROW_STATUS.active) continue;
    const names = models.get(securityModel) ?? new Map<string, string>();
    models.set(securityModel, names.set(securityName, groupName));
  }
  return models;
}

function rightsByGroup(access: Iterable<AccessRow>): ReadonlyMap<string, readonly AccessRow[]> {
  return grouped(access, ({ groupName }) => groupName);
}

function viewsByName(families: Iterable<FamilyRow>): ReadonlyMap<string, ViewTree> {
  const byName = grouped(families, ({ viewName }) => viewName);
  return new Map(Array.from(byName, ([name, active]) => [name, new ViewTree(active)]));
}

/** Active rows by name. */
function grouped<R extends AccessRow | FamilyRow>(
  rows: Iterable<R>,
  name: (row: R) => string,
): Map<string, R[]> {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    if (row.status !== ROW_STATUS.active) continue;
    const group = groups.get(name(row));
    if (group) group.push(row);
    else groups.set(name(row), [row]);
  }
  return groups;
}

/** The right that counts among those of one group (RFC 3415 section 4, vacmAccessTable). */
function bestRight(rights: readonly AccessRow[] | undefined, request: AccessRequest): AccessRow | undefined {
  let best: AccessRow | undefined;
  for (const right of rights ?? []) {
    if (fits(right, request) && (!best || isPreferred(right, best))) best = right;
  }
  return best;
}

/** Step 1 there: which rights are possible matches. */
function fits(right: AccessRow, request: AccessRequest): boolean {
  const { contextPrefix, contextMatch, securityModel, securityLevel } = right;
  if (securityModel !== request.securityModel && securityModel !== SECURITY_MODEL.any) return false;
  if (securityLevel > request.securityLevel) return false;
  if (contextMatch === 'exact') return contextPrefix === request.contextName;
  return request.contextName.startsWith(contextPrefix);
}

/**
 * Step 2 there: of two rights that fit, (a) the one for the very model, (b) and (c) the one with the longer
 * prefix, which is longest when it is the whole name, (d) the one for the higher level.
 */
function isPreferred(right: AccessRow, other: AccessRow): boolean {
  if (right.securityModel !== other.securityModel) return right.securityModel !== SECURITY_MODEL.any;
  if (right.contextPrefix !== other.contextPrefix) {
    return right.contextPrefix.length > other.contextPrefix.length;
  }
  return right.securityLevel > other.securityLevel;
}

function viewNameOf(
  { readView, writeView, notifyView }: AccessRow,
  viewType: AccessRequest['viewType'],
): string {
  if (viewType === 'read') return readView;
  return viewType === 'write' ? writeView : notifyView;
}
