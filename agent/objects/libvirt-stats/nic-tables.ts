import type { Domain } from '../../emulation/domain.ts';
import type { EmulatorProcess, GuestNic } from '../../emulation/emulator-process.ts';
import type { Host } from '../../emulation/host.ts';
import type { NicCounter, QueueCounter } from '../../emulation/net/nic-parts.ts';
import {
  linkIsUp,
  type RingState,
  readBacklog,
  readNic,
  readQueue,
  readQueues,
  readRxRing,
  readTxRing,
  zeroCopyPending,
} from '../../emulation/net/nic-view.ts';
import type { TableBinding } from '../../mib/module.ts';
import { cut } from './convert.ts';
import { type GuestPart, GuestRows, severalForEach } from './rows.ts';

const BACK_END = { qemu: 1, vhost: 2, none: 3 } as const;
const DIRECTIONS = ['rx', 'tx'] as const;

/** One NIC of an active guest. */
interface NicRow {
  readonly domain: Domain;
  readonly process: EmulatorProcess;
  readonly number: number;
  readonly nic: GuestNic;
}

function isVirtio({ process, nic: { config } }: NicRow): boolean {
  return !process.container && (config.model === undefined || config.model === 'virtio');
}

/** lvsNicTable: the NICs of active guests. */
export function nicTable(host: Host): TableBinding<NicRow> {
  const sum = (name: QueueCounter) => (row: NicRow) =>
    readQueues(row.process.machine, row.nic.parts, name, row.domain.nowMs);
  const counter = (name: NicCounter) => (row: NicRow) =>
    readNic(row.process.machine, row.nic.parts, name, row.domain.nowMs);
  const ofVirtio = (name: NicCounter) => (row: NicRow) => (isVirtio(row) ? counter(name)(row) : undefined);
  return {
    rows: new GuestRows(
      host.domains,
      severalForEach(
        ({ process }) => process?.nics.length ?? 0,
        (domain, number): NicRow => {
          const process = domain.process!;
          return { domain, process, number, nic: process.nics[number]! };
        },
      ),
    ),
    columns: {
      lvsNicName: ({ process, number, nic }) =>
        cut(nic.config.target ?? `vnet${process.number * 8 + number}`, 64),
      lvsNicMac: ({ domain, number, nic }) => macOf(domain, number, nic.config.mac),
      lvsNicKind: ({ nic }) => cut(nic.config.type, 32),
      lvsNicModel: ({ process, nic }) => (process.container ? '' : cut(nic.config.model ?? 'virtio', 32)),
      lvsNicSource: ({ nic }) => cut(nic.config.source ?? '', 64),
      lvsNicBackEnd: ({ process, nic }) => BACK_END[process.container ? 'none' : nic.model.config.backEnd],
      lvsNicLink: ({ process, nic }) => (linkIsUp(process.machine, nic.parts) ? 1 : 2),
      lvsNicQueues: ({ nic }) => nic.parts.queues.length,
      lvsNicRxFrames: sum('rxFrames'),
      lvsNicRxOctets: sum('rxBytes'),
      lvsNicRxErrors: counter('rxErrors'),
      lvsNicRxDropped: sum('rxDropped'),
      lvsNicTxFrames: sum('txFrames'),
      lvsNicTxOctets: sum('txBytes'),
      lvsNicTxErrors: () => 0,
      lvsNicTxDropped: sum('txDropped'),
      lvsNicRxDataValid: ofVirtio('dataValid'),
      lvsNicRxNeedsChecksum: ofVirtio('needsChecksum'),
      lvsNicChecksumOctets: ofVirtio('checksumBytes'),
      lvsNicGuestTime: counter('guestNs'),
      lvsNicHostTime: counter('hostNs'),
      lvsNicZeroCopyPending: ({ process, nic }) =>
        nic.model.config.zeroCopy ? zeroCopyPending(process.machine, nic.parts, nic.model) : undefined,
      lvsNicInboundLimit: ({ nic }) => nic.model.config.inbound?.average,
      lvsNicOutboundLimit: ({ nic }) => nic.model.config.outbound?.average,
    },
  };
}

/** libvirt's own prefix, and an address of the guest's UUID, for a definition that leaves it to libvirt. */
function macOf({ uuidOctets }: Domain, number: number, mac: string | undefined): Uint8Array {
  if (mac !== undefined) return Uint8Array.from(mac.split(':'), (octet) => Number.parseInt(octet, 16));
  return Uint8Array.of(0x52, 0x54, 0, uuidOctets[13]!, uuidOctets[14]!, (uuidOctets[15]! + number) & 255);
}

/** One direction of a pair of queues. */
interface QueueRow extends NicRow {
  readonly queue: number;
  readonly direction: (typeof DIRECTIONS)[number];
}

/** Both directions of all pairs of a guest's virtio NICs, in the order of their indexes. */
const QUEUES: GuestPart<QueueRow> = {
  count: (domain) => {
    const { process } = domain;
    let count = 0;
    process?.nics.forEach((nic, number) => {
      if (isVirtio({ domain, process, number, nic })) count += 2 * nic.parts.queues.length;
    });
    return count;
  },
  index: (domain, place) => {
    const { number, queue, direction } = queueAt(domain, place);
    return [number, queue, DIRECTIONS.indexOf(direction) + 1];
  },
  row: queueAt,
};

function queueAt(domain: Domain, place: number): QueueRow {
  const process = domain.process!;
  let left = place;
  for (let number = 0; ; number++) {
    const row = { domain, process, number, nic: process.nics[number]! };
    const size = isVirtio(row) ? 2 * row.nic.parts.queues.length : 0;
    if (left < size) return { ...row, queue: left >> 1, direction: DIRECTIONS[left & 1]! };
    left -= size;
  }
}

/** lvsQueueTable: the queues of active guests' virtio NICs, rx before tx. */
export function queueTable(host: Host): TableBinding<QueueRow> {
  const each = (rx: QueueCounter, tx: QueueCounter) => (row: QueueRow) => {
    const name = row.direction === 'rx' ? rx : tx;
    return readQueue(row.process.machine, row.nic.parts, row.queue, name, row.domain.nowMs);
  };
  const ofTx = (name: QueueCounter) => (row: QueueRow) =>
    row.direction === 'tx'
      ? readQueue(row.process.machine, row.nic.parts, row.queue, name, row.domain.nowMs)
      : undefined;
  const ring = ({ process, nic, queue, direction, domain }: QueueRow): RingState =>
    direction === 'rx'
      ? readRxRing(process.machine, nic.parts, nic.model, queue, domain.nowMs)
      : readTxRing(process.machine, nic.parts, queue, domain.nowMs);
  return {
    rows: new GuestRows(host.domains, QUEUES),
    columns: {
      lvsQueueOffered: each('rxOffered', 'txOffered'),
      lvsQueueOfferedOctets: each('rxOfferedBytes', 'txOfferedBytes'),
      lvsQueueDropped: each('rxDropped', 'txDropped'),
      lvsQueueDroppedOctets: each('rxDroppedBytes', 'txDroppedBytes'),
      lvsQueueFrames: each('rxFrames', 'txFrames'),
      lvsQueueOctets: each('rxBytes', 'txBytes'),
      lvsQueueBacklog: ({ process, nic, queue, direction, domain }) =>
        readBacklog(process.machine, nic.parts, queue, direction, domain.nowMs),
      lvsQueueRingSize: ({ nic, direction }) => nic.model.config[`${direction}QueueSize`],
      lvsQueueAvailableIndex: (row) => ring(row).available,
      lvsQueueUsedIndex: (row) => ring(row).used,
      lvsQueueInFlight: (row) => ring(row).inFlight,
      lvsQueueKicks: ofTx('kicks'),
      lvsQueueInterrupts: each('rxInterrupts', 'txInterrupts'),
      lvsQueueZeroCopies: (row) => (row.nic.model.config.zeroCopy ? ofTx('txZeroCopy')(row) : undefined),
    },
  };
}
