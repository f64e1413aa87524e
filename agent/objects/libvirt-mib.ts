import type { Change } from '../emulation/change.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { DOMAIN_STATE, type DomainState } from '../emulation/states.ts';
import { ERROR_STATUS } from '../message/constants.ts';
import { LIBVIRT_MIB } from '../mib/generated/libvirt-mib.ts';
import { ROW_STATUS } from '../mib/managed-table.ts';
import type { BoundModule, PreparedSet, RowSet, SetRefusal, SetTest } from '../mib/module.ts';
import { DomainRows } from './domain-rows.ts';
import { SetTransaction } from './set-transaction.ts';

const { enums: GUEST_STATE } = LIBVIRT_MIB.tables.libvirtGuestTable.columns.libvirtGuestState.syntax;
const KIB_PER_MIB = 1024;
/** An Unsigned32 and a Gauge32 stay at their maximum. */
const MAX_UNSIGNED32 = 0xffff_ffff;

/** How far the guest table follows libvirt-snmp where that agent and the module's text differ. */
export interface LibvirtMibOptions {
  /** libvirt-snmp's own ways: state 7, and RowStatus always active in the table. */
  readonly libvirtSnmp: boolean;
}

/** LIBVIRT-MIB over the domains of one host. */
export function libvirtMib(hypervisor: Hypervisor, host: Host, options: LibvirtMibOptions): BoundModule {
  const transaction = SetTransaction.of(hypervisor);
  return {
    definition: LIBVIRT_MIB,
    description: 'The guests of a libvirt host',
    scalars: {},
    tables: {
      libvirtGuestTable: {
        rows: new DomainRows(host.domains),
        columns: {
          libvirtGuestName: (domain: Domain) => domain.name,
          libvirtGuestState: (domain: Domain) => guestState(domain.state, options),
          libvirtGuestCpuCount: (domain: Domain) => domain.vcpus,
          libvirtGuestMemoryCurrent: (domain: Domain) => mebibytes(domain.memoryKiB),
          libvirtGuestMemoryLimit: (domain: Domain) => mebibytes(domain.maxMemoryKiB),
          libvirtGuestCpuTime: (domain: Domain) => domain.cpuTimeNs,
          libvirtGuestRowStatus: (domain: Domain) =>
            options.libvirtSnmp ? ROW_STATUS.active : rowStatus(domain.state),
        },
        testSet: (request: RowSet<Domain>) => testGuestSet(transaction, request),
      },
    },
  };
}

/** libvirtGuestState for libvirt's state; pmsuspended lies outside the module's enumeration. */
export function guestState(state: DomainState, { libvirtSnmp }: LibvirtMibOptions): number {
  if (state !== DOMAIN_STATE.PMSUSPENDED || libvirtSnmp) return state;
  return GUEST_STATE.paused;
}

/** libvirtGuestRowStatus for libvirt's state: in service while the guest has vCPUs that could run. */
export function rowStatus(state: DomainState): number {
  switch (state) {
    case DOMAIN_STATE.SHUTDOWN:
    case DOMAIN_STATE.SHUTOFF:
    case DOMAIN_STATE.CRASHED:
      return ROW_STATUS.notInService;
    default:
      return ROW_STATUS.active;
  }
}

function mebibytes(kibibytes: number): number {
  return Math.min(Math.floor(kibibytes / KIB_PER_MIB), MAX_UNSIGNED32);
}

/** Tests a set of libvirtGuestState, libvirtGuestRowStatus or both, and prepares the one change that they ask for. */
function testGuestSet(transaction: SetTransaction, { row, values }: RowSet<Domain>): SetTest {
  const status = values.get('libvirtGuestRowStatus') as number | undefined;
  const state = values.get('libvirtGuestState') as number | undefined;
  // Neither is ever settable here: rows are not made step by step (RFC 2579, RowStatus).
  if (status === ROW_STATUS.createAndWait || status === ROW_STATUS.notReady) {
    return { refused: ERROR_STATUS.wrongValue, column: 'libvirtGuestRowStatus' };
  }
  if (!row) {
    // RFC 2579: destroying a row that does not exist succeeds. Any other row would need a definition first.
    if (status === ROW_STATUS.destroy && state === undefined) return nothingToDo;
    return { refused: ERROR_STATUS.inconsistentName };
  }
  switch (status) {
    case undefined:
      return prepare(transaction, stateChange(row, state!), 'libvirtGuestState');
    case ROW_STATUS.createAndGo:
      return testStart(transaction, row, state);
    case ROW_STATUS.destroy:
      if (state !== undefined) return inconsistent('libvirtGuestState');
      return prepare(transaction, { op: 'act', domain: row, action: 'destroy' }, 'libvirtGuestRowStatus');
    default:
      // active and notInService say what is already so, or nothing that this table can bring about.
      if (status !== rowStatus(row.state)) return inconsistent('libvirtGuestRowStatus');
      return state === undefined
        ? nothingToDo
        : prepare(transaction, stateChange(row, state), 'libvirtGuestState');
  }
}

function testStart(transaction: SetTransaction, domain: Domain, state: number | undefined): SetTest {
  if (state !== undefined && state !== GUEST_STATE.running && state !== GUEST_STATE.paused) {
    return inconsistent('libvirtGuestState');
  }
  const paused = state === GUEST_STATE.paused;
  return prepare(transaction, { op: 'act', domain, action: 'start', paused }, 'libvirtGuestRowStatus');
}

/** The change that a state asks for: running -> paused, paused -> running, running -> shutdown, or none. */
function stateChange(domain: Domain, wanted: number): Change | undefined {
  const { state } = domain;
  if (wanted === GUEST_STATE.paused && state === DOMAIN_STATE.RUNNING) {
    return { op: 'act', domain, action: 'suspend' };
  }
  if (wanted === GUEST_STATE.running && state === DOMAIN_STATE.PAUSED)
    return { op: 'act', domain, action: 'resume' };
  if (wanted === GUEST_STATE.running && state === DOMAIN_STATE.PMSUSPENDED) {
    return { op: 'act', domain, action: 'wakeup' };
  }
  if (wanted === GUEST_STATE.shutdown && state === DOMAIN_STATE.RUNNING) {
    return { op: 'act', domain, action: 'shutdown' };
  }
  return undefined;
}

function prepare(transaction: SetTransaction, change: Change | undefined, column: string): SetTest {
  return (change && transaction.prepare(change)) ?? inconsistent(column);
}

function inconsistent(column: string): SetRefusal {
  return { refused: ERROR_STATUS.inconsistentValue, column };
}

const nothingToDo: PreparedSet = { commit() {}, undo() {} };
