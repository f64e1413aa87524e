import { TAG } from '../../ber/tags.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import { VM_MIB } from '../../mib/generated/vm-mib.ts';
import type { Notification, Varbind } from '../../notify/notification.ts';
import type { Oid } from '../../util/oid.ts';
import { persistence } from './machine-tables.ts';
import { OPER_STATE, type OperState } from './states.ts';

const { notifications, scalars } = VM_MIB;
const { vmName, vmUUID, vmOperState, vmPersistent } = VM_MIB.tables.vmTable.columns;

/** What can be told of a virtual machine, in the order of the notifications' identifiers. */
export const VM_TOPICS = [
  'Running',
  'Shuttingdown',
  'Shutdown',
  'Paused',
  'Suspending',
  'Suspended',
  'Resuming',
  'Migrating',
  'Crashed',
  'Deleted',
] as const;
/** A name of {@link VM_TOPICS}. */
export type VmTopic = (typeof VM_TOPICS)[number];

const TOPIC_OF_STATE: Partial<Record<OperState, VmTopic>> = {
  [OPER_STATE.running]: 'Running',
  [OPER_STATE.shuttingdown]: 'Shuttingdown',
  [OPER_STATE.shutdown]: 'Shutdown',
  [OPER_STATE.paused]: 'Paused',
  [OPER_STATE.suspending]: 'Suspending',
  [OPER_STATE.suspended]: 'Suspended',
  [OPER_STATE.resuming]: 'Resuming',
  [OPER_STATE.migrating]: 'Migrating',
  [OPER_STATE.crashed]: 'Crashed',
};

/** What is told when a machine gets into a state; `undefined` for a state that has no notification. */
export function topicOf(state: OperState): VmTopic | undefined {
  return TOPIC_OF_STATE[state];
}

/** The notification about one machine; `before`: the state that it was in, which is what vmOperState carries. */
export function vmNotification(
  domain: Domain,
  topic: VmTopic,
  before: OperState,
  upTimeCentiseconds: number,
): Notification {
  const { number, name, uuidOctets } = domain;
  const bind = (oid: Oid, tag: number, value: Varbind['value']): Varbind => ({
    oid: [...oid, number],
    tag,
    value,
  });
  return {
    oid: notifications[`vm${topic}`].oid,
    upTimeCentiseconds,
    varbinds: [
      bind(vmName.oid, TAG.OCTET_STRING, name),
      bind(vmUUID.oid, TAG.OCTET_STRING, uuidOctets),
      bind(vmOperState.oid, TAG.INTEGER, before),
      ...(topic === 'Deleted' ? [bind(vmPersistent.oid, TAG.INTEGER, persistence(domain))] : []),
    ],
  };
}

/** The notification about many machines, by their numbers. */
export function bulkNotification(
  topic: VmTopic,
  numbers: Iterable<number>,
  upTimeCentiseconds: number,
): Notification {
  return {
    oid: notifications[`vmBulk${topic}`].oid,
    upTimeCentiseconds,
    varbinds: [
      { oid: [...scalars.vmAffectedVMs.oid, 0], tag: TAG.OCTET_STRING, value: machineList(numbers) },
    ],
  };
}

const BITS_PER_OCTET = 8;
const FIRST_BIT = 0x80;

/** VirtualMachineList: a bit for each number from 1 on, the most significant of an octet first. */
export function machineList(numbers: Iterable<number>): Uint8Array {
  const all = [...numbers];
  const octets = new Uint8Array(
    Math.ceil(all.reduce((most, each) => Math.max(most, each), 0) / BITS_PER_OCTET),
  );
  for (const number of all) octets[(number - 1) >> 3]! |= FIRST_BIT >> ((number - 1) & 7);
  return octets;
}
