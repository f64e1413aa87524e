import {
  type ManagedRow,
  ManagedTable,
  ROW_STATUS,
  type RowRules,
  type RowState,
  STORAGE_TYPE,
} from '../../mib/managed-table.ts';
import { IndexReader, nameIndex, octetLength } from '../../mib/row-index.ts';
import { VirtsnmpError } from '../../util/errors.ts';

/** Octets of nlmLogName and of nlmConfigLogFilterName at most. */
const MAX_NAME = 32;
/** Logs that managers can make, beside the default log. */
const MAX_NAMED = 64;
const MAX_UNSIGNED = 2 ** 32 - 1;

/** In whose name a log with a name is kept: who set its row to active. */
export interface LogOwner {
  readonly securityModel: number;
  readonly securityName: string;
  readonly securityLevel: number;
}

/** A row of nlmConfigLogTable. */
export interface LogRow extends ManagedRow {
  /** Empty for the default log. */
  readonly name: string;
  readonly filterName: string;
  /** 0 for none. */
  readonly entryLimit: number;
  /** nlmConfigLogAdminStatus. */
  readonly enabled: boolean;
  /** Absent for the default log, and for a log that never was active. */
  readonly owner?: LogOwner;
}

/** What managers set for all logs. */
export interface GlobalLimits {
  /** nlmConfigGlobalEntryLimit, 0 for none. */
  readonly entryLimit: number;
  /** nlmConfigGlobalAgeOut in minutes, 0 for none. */
  readonly ageOut: number;
}

/** nlmConfigLogTable: every column has a default. The default log is the system's to make (RFC 3014, nlmLogName). */
export const LOG_RULES: RowRules<LogRow> = {
  indexOf: ({ name }) => nameIndex(name),
  create(index) {
    const parts = new IndexReader(index);
    const name = parts.name(1, MAX_NAME);
    if (name === undefined || !parts.ended) return undefined;
    const { nonVolatile: storageType } = STORAGE_TYPE;
    return { name, filterName: '', entryLimit: 0, enabled: true, storageType, status: ROW_STATUS.notReady };
  },
  isComplete: () => true,
};

/**
 * What is logged and how much of it, by the configuration and by managers. What a manager has set wins over the
 * configuration, also after a restart.
 */
export class LogSettings {
  /** nlmConfigLogTable; the default log is in it from the first {@link configure} on. */
  readonly table = new ManagedTable<LogRow>(LOG_RULES, MAX_NAMED + 1);
  #configured: GlobalLimits = { entryLimit: 0, ageOut: 0 };
  #set: Partial<GlobalLimits> = {};
  #limits = this.#configured;

  /** What holds now. */
  get limits(): GlobalLimits {
    return this.#limits;
  }

  /** Takes over a configuration; `filterName` is that of the default log. */
  configure(limits: GlobalLimits, filterName: string): void {
    this.#configured = limits;
    this.#take(this.#set);
    // Managers may change the default log, but not remove it.
    const { permanent: storageType } = STORAGE_TYPE;
    const status = ROW_STATUS.active;
    this.table.configure([{ name: '', filterName, entryLimit: 0, enabled: true, storageType, status }]);
  }

  /** Changes limits for a manager and returns what takes the change back. */
  change(limits: Partial<GlobalLimits>): () => void {
    const before = this.#set;
    this.#take({ ...before, ...limits });
    return () => this.#take(before);
  }

  /** What managers have set, as plain JSON. */
  snapshot(): unknown {
    return { ...this.#set, logs: this.table.durable() };
  }

  /** Puts back what {@link snapshot} gave. Throws STATE_FAILED, with nothing changed, when it is not that. */
  restore(stored: unknown): void {
    const { logs, ...limits } = Object(stored);
    const sound = Object.entries(limits).every(
      ([key, value]) => (key === 'entryLimit' || key === 'ageOut') && isUnsigned(value),
    );
    if (!sound || !Array.isArray(logs) || !logs.every(isLogRow)) {
      throw new VirtsnmpError('STATE_FAILED', 'entryLimit, ageOut or a log is damaged');
    }
    this.#take(limits);
    this.table.restore(logs);
  }

  #take(set: Partial<GlobalLimits>): void {
    this.#set = set;
    this.#limits = { ...this.#configured, ...set };
  }
}

function isLogRow(stored: unknown): stored is LogRow {
  const { name, filterName, entryLimit, enabled, owner, storageType, status } = Object(stored);
  return (
    isName(name) &&
    isName(filterName) &&
    isUnsigned(entryLimit) &&
    typeof enabled === 'boolean' &&
    (owner === undefined ? name === '' || status !== ROW_STATUS.active : isOwner(owner)) &&
    (storageType === STORAGE_TYPE.nonVolatile || storageType === STORAGE_TYPE.permanent) &&
    [ROW_STATUS.active, ROW_STATUS.notInService, ROW_STATUS.notReady].includes(status as RowState)
  );
}

function isOwner(stored: unknown): stored is LogOwner {
  const { securityModel, securityName, securityLevel } = Object(stored);
  return isUnsigned(securityModel) && typeof securityName === 'string' && [1, 2, 3].includes(securityLevel);
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && octetLength(value) <= MAX_NAME;
}

function isUnsigned(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_UNSIGNED;
}
