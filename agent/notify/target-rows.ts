import type { ViewFamily } from '../access/view-tree.ts';
import { SECURITY_MODEL } from '../message/v3-constants.ts';
import { type ManagedRow, ROW_STATUS, type RowRules, STORAGE_TYPE } from '../mib/managed-table.ts';
import { IndexReader, impliedNameIndex, nameIndex } from '../mib/row-index.ts';
import type { Oid } from '../util/oid.ts';
import { readTransportAddress } from './transport-address.ts';

/** Octets that a name in these tables may have (RFC 3413). */
const MAX_NAME = 32;
/** Sub-identifiers of a filter's subtree: what 128 leave beside the column's and the longest name. */
const MAX_SUBTREE = 128 - 11 - 1 - MAX_NAME;
/** Notifications that wait for a target at most, unless the configuration says otherwise. */
export const DEFAULT_QUEUE_LENGTH = 100_000;

/** A row of snmpTargetAddrTable, and of snmpTargetAddrExtTable, which augments it (RFC 3584 section 5.3). */
export interface AddressRow extends ManagedRow {
  readonly name: string;
  /** Empty until set. */
  readonly domain: Oid;
  /** Empty until set. */
  readonly address: Uint8Array;
  /** Hundredths of a second. */
  readonly timeoutCentiseconds: number;
  readonly retries: number;
  /** Tags, one space between them. */
  readonly tags: string;
  /** Name of a row of snmpTargetParamsTable, empty until set. */
  readonly params: string;
  /** snmpTargetAddrTMask: none, or as long as the address. */
  readonly mask: Uint8Array;
  /** snmpTargetAddrMMS: octets of the largest message that may go there, 0 for unknown. */
  readonly maxMessageSize: number;
  /** Where it is sent from, and how long its queue is: only a configuration says so. */
  readonly sourceAddress?: string | undefined;
  readonly queueLength: number;
}

/** A row of snmpTargetParamsTable. */
export interface ParamsRow extends ManagedRow {
  readonly name: string;
  /** SnmpMessageProcessingModel: 0, 1 and 3 for SNMPv1, SNMPv2c and SNMPv3; -1 until set. */
  readonly processingModel: number;
  /** 0 until set. */
  readonly securityModel: number;
  /** Empty until set. */
  readonly securityName: string;
  /** 0 until set. */
  readonly securityLevel: 0 | 1 | 2 | 3;
}

/** A row of snmpNotifyTable. */
export interface NotifyRow extends ManagedRow {
  readonly name: string;
  /** The tag that chooses targets; empty for none. */
  readonly tag: string;
  readonly kind: 'trap' | 'inform';
}

/** A row of snmpNotifyFilterProfileTable. */
export interface ProfileRow extends ManagedRow {
  /** Name of a row of snmpTargetParamsTable, which need not be there. */
  readonly params: string;
  /** Name of a filter, empty until set. */
  readonly filter: string;
}

/** A row of snmpNotifyFilterTable. */
export interface FilterRow extends ManagedRow, ViewFamily {
  readonly filter: string;
}

const NEW = { storageType: STORAGE_TYPE.nonVolatile, status: ROW_STATUS.notReady } as const;

/** snmpTargetAddrTable. */
export const ADDRESS_RULES: RowRules<AddressRow> = {
  indexOf: ({ name }) => impliedNameIndex(name),
  create(index) {
    const name = nameOf(index);
    if (name === undefined) return undefined;
    return {
      name,
      domain: [],
      address: new Uint8Array(0),
      timeoutCentiseconds: 1500,
      retries: 3,
      tags: '',
      params: '',
      mask: new Uint8Array(0),
      // RFC 2578 section 7.9: the DEFVAL of 484 is the agent's to use. It would keep most notifications from whoever
      // does not know of the column.
      maxMessageSize: 0,
      queueLength: DEFAULT_QUEUE_LENGTH,
      ...NEW,
    };
  },
  isComplete: ({ domain, address, params, mask }) =>
    params !== '' &&
    readTransportAddress({ domain, address }) !== undefined &&
    (mask.length === 0 || mask.length === address.length),
  fixedWhileActive: ['domain', 'address'],
};

/** snmpTargetParamsTable. */
export const PARAMS_RULES: RowRules<ParamsRow> = {
  indexOf: ({ name }) => impliedNameIndex(name),
  create(index) {
    const name = nameOf(index);
    const unset = { processingModel: -1, securityModel: 0, securityName: '', securityLevel: 0 } as const;
    return name === undefined ? undefined : { name, ...unset, ...NEW };
  },
  isComplete: isSpoken,
  fixedWhileActive: ['processingModel', 'securityModel', 'securityName', 'securityLevel'],
};

/** snmpNotifyTable: every column has a default. */
export const NOTIFY_RULES: RowRules<NotifyRow> = {
  indexOf: ({ name }) => impliedNameIndex(name),
  create(index) {
    const name = nameOf(index);
    return name === undefined ? undefined : { name, tag: '', kind: 'trap', ...NEW };
  },
  isComplete: () => true,
};

/** snmpNotifyFilterProfileTable. */
export const PROFILE_RULES: RowRules<ProfileRow> = {
  indexOf: ({ params }) => impliedNameIndex(params),
  create(index) {
    const params = nameOf(index);
    return params === undefined ? undefined : { params, filter: '', ...NEW };
  },
  isComplete: ({ filter }) => filter !== '',
};

/** snmpNotifyFilterTable: every column has a default. */
export const FILTER_RULES: RowRules<FilterRow> = {
  indexOf: ({ filter, subtree }) => [...nameIndex(filter), ...subtree],
  create(index) {
    const parts = new IndexReader(index);
    const filter = parts.name(1, MAX_NAME);
    const subtree = parts.impliedOid();
    if (filter === undefined || subtree === undefined || !isFilterSubtree(subtree)) return undefined;
    return { filter, subtree, mask: new Uint8Array(0), included: true, ...NEW };
  },
  isComplete: () => true,
};

/** Whether a filter may have a family of this subtree. */
export function isFilterSubtree(subtree: Oid): boolean {
  if (subtree.length < 1 || subtree.length > MAX_SUBTREE) return false;
  return subtree.every((subid) => Number.isInteger(subid) && subid >= 0 && subid <= 0xffff_ffff);
}

/** SnmpTagValue: text without the characters that separate tags. */
export function isTag(text: string): boolean {
  return !/[ \t\r\n]/.test(text);
}

/** SnmpTagList: tags with one separator between each two, and none before or behind. */
export function isTagList(text: string): boolean {
  return text === '' || text.split(/[ \t\r\n]/).every((tag) => tag !== '');
}

/** The tags of a list. */
export function tagsOf(list: string): string[] {
  return list === '' ? [] : list.split(/[ \t\r\n]/);
}

/** Version, security model and level of parameters go together, and are spoken here (RFC 3584 section 5.2.3). */
function isSpoken({ processingModel, securityModel, securityName, securityLevel }: ParamsRow): boolean {
  if (securityName === '' || securityLevel === 0) return false;
  switch (processingModel) {
    case 0:
      return securityModel === SECURITY_MODEL.v1 && securityLevel === 1;
    case 1:
      return securityModel === SECURITY_MODEL.v2c && securityLevel === 1;
    case 3:
      return securityModel === SECURITY_MODEL.usm;
    default:
      return false;
  }
}

function nameOf(index: Oid): string | undefined {
  return new IndexReader(index).impliedName(1, MAX_NAME);
}
