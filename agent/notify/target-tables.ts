import { ManagedTable, ROW_STATUS } from '../mib/managed-table.ts';
import { StoredFields } from '../mib/stored-fields.ts';
import { formatOid, isOid } from '../util/oid.ts';
import { type CompiledFilter, compileFilter } from './filter.ts';
import type { NotifyTarget } from './target.ts';
import {
  ADDRESS_RULES,
  type AddressRow,
  DEFAULT_QUEUE_LENGTH,
  FILTER_RULES,
  type FilterRow,
  isFilterSubtree,
  NOTIFY_RULES,
  type NotifyRow,
  PARAMS_RULES,
  type ParamsRow,
  PROFILE_RULES,
  type ProfileRow,
  tagsOf,
} from './target-rows.ts';
import { readTransportAddress } from './transport-address.ts';

/** What a configuration says of the five tables. */
export interface TargetConfiguration {
  readonly addresses: readonly AddressRow[];
  readonly params: readonly ParamsRow[];
  readonly notifies: readonly NotifyRow[];
  readonly profiles: readonly ProfileRow[];
  readonly filters: readonly FilterRow[];
}

/** Least time that an inform waits for its answer, in ms: less would flood a target that is set to none. */
const MIN_TIMEOUT_MS = 10;
const MAX_INTEGER = 2 ** 31 - 1;

/** The tables of SNMP-TARGET-MIB and SNMP-NOTIFICATION-MIB (RFC 3413), which say who is told what and how. */
export class TargetTables {
  /** snmpTargetAddrTable. */
  readonly addresses = new ManagedTable<AddressRow>(ADDRESS_RULES);
  /** snmpTargetParamsTable. */
  readonly params = new ManagedTable<ParamsRow>(PARAMS_RULES);
  /** snmpNotifyTable. */
  readonly notifies = new ManagedTable<NotifyRow>(NOTIFY_RULES);
  /** snmpNotifyFilterProfileTable. */
  readonly profiles = new ManagedTable<ProfileRow>(PROFILE_RULES);
  /** snmpNotifyFilterTable. */
  readonly filters = new ManagedTable<FilterRow>(FILTER_RULES);

  /** The filters of snmpNotifyFilterTable by name, as of so many changes of it. */
  #compiled: ReadonlyMap<string, CompiledFilter> = new Map();
  #compiledAt = -1;

  /** How often any of them was changed. */
  get changes(): number {
    const { addresses, params, notifies, profiles, filters } = this;
    return addresses.changes + params.changes + notifies.changes + profiles.changes + filters.changes;
  }

  /** Takes over a configuration; what managers have made or changed stays, see {@link ManagedTable.configure}. */
  configure({ addresses, params, notifies, profiles, filters }: TargetConfiguration): void {
    this.addresses.configure(addresses);
    this.params.configure(params);
    this.notifies.configure(notifies);
    this.profiles.configure(profiles);
    this.filters.configure(filters);
  }

  /**
   * The targets that the tables choose, in the order of their names (RFC 3413 section 6).
   *
   * A target that several rows of snmpNotifyTable choose is told once: by an inform, where one of them says so.
   * `communityOf` gives the community that a security name stands for; without one a target cannot be told.
   */
  targets(communityOf: (securityName: string) => string | undefined): NotifyTarget[] {
    const kinds = new Map<string, 'trap' | 'inform'>();
    for (const { tag, kind, status } of this.notifies) {
      if (status !== ROW_STATUS.active || tag === '') continue;
      if (kinds.get(tag) !== 'inform') kinds.set(tag, kind);
    }
    const filters = this.#filters();
    const params = new Map(Array.from(this.params, (row) => [row.name, row]));
    return Array.from(this.addresses).flatMap((row) => {
      const chosen = tagsOf(row.tags).flatMap((tag) => kinds.get(tag) ?? []);
      const how = params.get(row.params);
      if (row.status !== ROW_STATUS.active || how?.status !== ROW_STATUS.active) return [];
      if (chosen.length === 0) return [];
      const kind = chosen.includes('inform') ? 'inform' : 'trap';
      return target(row, how, kind, filters.get(row.params), communityOf) ?? [];
    });
  }

  /** What must be stored to have the managers' changes again after a restart: plain JSON. */
  snapshot(): unknown {
    return {
      addresses: this.addresses.durable().map(({ sourceAddress, queueLength, ...row }) => ({
        ...row,
        domain: row.domain.length > 0 ? formatOid(row.domain) : undefined,
        address: hex(row.address),
        mask: hex(row.mask),
      })),
      params: this.params.durable(),
      notifies: this.notifies.durable(),
      profiles: this.profiles.durable(),
      filters: this.filters.durable().map((row) => ({
        ...row,
        subtree: formatOid(row.subtree),
        mask: hex(row.mask),
      })),
    };
  }

  /** Puts a stored snapshot over the configuration. Throws STATE_FAILED, with nothing changed, when it is not one. */
  restore(stored: unknown): void {
    const rows = parseSnapshot(new StoredFields(stored, 'the stored targets'));
    this.addresses.restore(rows.addresses);
    this.params.restore(rows.params);
    this.notifies.restore(rows.notifies);
    this.profiles.restore(rows.profiles);
    this.filters.restore(rows.filters);
  }

  /** The filter of this name; `undefined` when no active row of snmpNotifyFilterTable has it. */
  filter(name: string): CompiledFilter | undefined {
    if (this.#compiledAt !== this.filters.changes) {
      this.#compiled = this.#compile();
      this.#compiledAt = this.filters.changes;
    }
    return this.#compiled.get(name);
  }

  /** The filter of each row of snmpTargetParamsTable that has one, by the name of the row; nothing passes one without rows. */
  #filters(): Map<string, CompiledFilter> {
    const active = Array.from(this.profiles).filter(({ status }) => status === ROW_STATUS.active);
    return new Map(active.map(({ params, filter }) => [params, this.filter(filter) ?? compileFilter([])]));
  }

  #compile(): Map<string, CompiledFilter> {
    const families = new Map<string, FilterRow[]>();
    for (const row of this.filters) {
      if (row.status !== ROW_STATUS.active) continue;
      const before = families.get(row.filter);
      if (before) before.push(row);
      else families.set(row.filter, [row]);
    }
    return new Map(Array.from(families, ([name, rows]) => [name, compileFilter(rows)]));
  }
}

const VERSIONS: Readonly<Record<number, NotifyTarget['version']>> = { 0: 'v1', 1: 'v2c', 3: 'v3' };

function target(
  row: AddressRow,
  { processingModel, securityName, securityLevel }: ParamsRow,
  kind: NotifyTarget['kind'],
  filter: CompiledFilter | undefined,
  communityOf: (securityName: string) => string | undefined,
): NotifyTarget | undefined {
  const endpoint = readTransportAddress(row);
  const version = VERSIONS[processingModel];
  if (!endpoint || !version || securityLevel === 0) return undefined;
  const community = version === 'v3' ? undefined : communityOf(securityName);
  if (version !== 'v3' && community === undefined) return undefined;
  return {
    name: row.name,
    kind,
    ...endpoint,
    ...(row.sourceAddress !== undefined && { sourceAddress: row.sourceAddress }),
    timeoutMs: Math.max(row.timeoutCentiseconds * 10, MIN_TIMEOUT_MS),
    retries: row.retries,
    version,
    ...(community !== undefined && { community }),
    securityName,
    securityLevel,
    ...(filter && { filter }),
    queueLength: row.queueLength,
    ...(row.maxMessageSize > 0 && { maxMessageSize: row.maxMessageSize }),
  };
}

function parseSnapshot(root: StoredFields): TargetConfiguration {
  return {
    addresses: root.list('addresses').map((row) => ({
      name: row.name('name', 1),
      // Only a row that is not ready has no domain yet.
      domain: row.has('domain') ? row.subtree('domain', isOid) : [],
      address: row.octets('address', 0, 255),
      timeoutCentiseconds: row.integer('timeoutCentiseconds', 0, MAX_INTEGER),
      retries: row.integer('retries', 0, 255),
      tags: row.name('tags', 0, 255),
      params: row.name('params', 0),
      mask: row.octets('mask', 0, 255),
      maxMessageSize: row.integer('maxMessageSize', 0, MAX_INTEGER),
      queueLength: DEFAULT_QUEUE_LENGTH,
      ...row.managed(),
    })),
    params: root.list('params').map((row) => ({
      name: row.name('name', 1),
      processingModel: row.integer('processingModel', -1, MAX_INTEGER),
      securityModel: row.integer('securityModel', 0, MAX_INTEGER),
      securityName: row.name('securityName', 0, 255),
      securityLevel: row.oneOf('securityLevel', [0, 1, 2, 3]),
      ...row.managed(),
    })),
    notifies: root.list('notifies').map((row) => ({
      name: row.name('name', 1),
      tag: row.name('tag', 0, 255),
      kind: row.oneOf('kind', ['trap', 'inform']),
      ...row.managed(),
    })),
    profiles: root.list('profiles').map((row) => ({
      params: row.name('params', 1),
      filter: row.name('filter', 0),
      ...row.managed(),
    })),
    filters: root.list('filters').map((row) => ({
      filter: row.name('filter', 1),
      subtree: row.subtree('subtree', isFilterSubtree),
      mask: row.octets('mask', 0, 16),
      included: row.oneOf('included', [true, false]),
      ...row.managed(),
    })),
  };
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
