import type { Domain, Instant } from '../../emulation/domain/domain.ts';
import { nicTarget } from '../../emulation/domain/nic-target.ts';
import type { Host } from '../../emulation/host/host.ts';
import { type Machine, readCounter } from '../../emulation/machine/machine.ts';
import { nicAddress } from '../../emulation/net/mac-address.ts';
import { N, type NicCounter, Q, type QueueCounter } from '../../emulation/net/nic-parts.ts';
import {
  linkIsUp,
  type RingState,
  readBacklog,
  readRxRing,
  readTxRing,
  zeroCopyPending,
} from '../../emulation/net/nic-view.ts';
import type { EmulatorProcess, GuestNic } from '../../emulation/process/emulator-process.ts';
import { isVirtio } from '../../emulation/process/process-config.ts';
import type { TableBinding } from '../../mib/module.ts';
import { type GuestPart, GuestRows, severalForEach } from '../guest-rows.ts';
import { cut } from './convert.ts';

const BACK_END = { qemu: 1, vhost: 2, none: 3 } as const;

/** One NIC of an active guest. */
interface NicRow {
  readonly domain: Domain;
  readonly time: Instant;
  readonly process: EmulatorProcess;
  readonly machine: Machine;
  readonly number: number;
  readonly nic: GuestNic;
}

function nicRow(domain: Domain, number: number): NicRow {
  const process = domain.process!;
  const { machine } = process;
  return { domain, time: domain.time, process, machine, number, nic: process.nics[number]! };
}

function hasVirtio({ process, nic: { config } }: Pick<NicRow, 'process' | 'nic'>): boolean {
  return !process.container && isVirtio(config);
}

const NICS = severalForEach(
  ({ process }) => process?.nics.length ?? 0,
  nicRow,
  ({ number }) => number,
);

/** lvsNicTable: the NICs of active guests. */
export function nicTable(host: Host): TableBinding<NicRow> {
  const sum = (name: QueueCounter) => {
    const at = Q[name];
    return ({ machine, nic: { parts }, time: { nowMs } }: NicRow) => {
      let total = 0;
      for (const { counters } of parts.queues) total += readCounter(machine, counters + at, nowMs);
      return total;
    };
  };
  const counter = (name: NicCounter) => {
    const at = N[name];
    return ({ machine, nic: { parts }, time: { nowMs } }: NicRow) =>
      readCounter(machine, parts.nic.counters + at, nowMs);
  };
  const rows = new GuestRows(host.domains, NICS);
  const virtio = rows.where(hasVirtio);
  const [txDropped, txErrors] = [sum('txDropped'), counter('txErrors')];
  return {
    rows,
    columnRows: {
      lvsNicRxDataValid: virtio,
      lvsNicRxNeedsChecksum: virtio,
      lvsNicChecksumOctets: virtio,
      lvsNicZeroCopyPending: rows.where(({ nic }) => nic.model.config.zeroCopy),
      lvsNicInboundLimit: rows.where(({ nic }) => nic.model.config.inbound !== undefined),
      lvsNicOutboundLimit: rows.where(({ nic }) => nic.model.config.outbound !== undefined),
    },
    columns: {
      lvsNicName: ({ process, number }) => cut(nicTarget(process, number), 64),
      lvsNicMac: ({ domain, number }) => nicAddress(domain.uuidOctets, domain.config.nics[number]!, number),
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
      lvsNicTxErrors: txErrors,
      lvsNicTxDropped: (row) => txDropped(row) - txErrors(row),
      lvsNicRxDataValid: counter('dataValid'),
      lvsNicRxNeedsChecksum: counter('needsChecksum'),
      lvsNicChecksumOctets: counter('checksumBytes'),
      lvsNicGuestTime: counter('guestNs'),
      lvsNicHostTime: counter('hostNs'),
      lvsNicZeroCopyPending: ({ machine, nic }) => zeroCopyPending(machine, nic.parts, nic.model),
      lvsNicInboundLimit: ({ nic }) => nic.model.config.inbound?.average,
      lvsNicOutboundLimit: ({ nic }) => nic.model.config.outbound?.average,
    },
  };
}

/** One direction of a pair of queues. */
interface QueueRow extends NicRow {
  readonly queue: number;
  /** Where the pair's counters begin. */
  readonly counters: number;
  readonly isRx: boolean;
}

/** Both directions of all pairs of a guest's virtio NICs. */
const QUEUES: GuestPart<QueueRow> = {
  width: 3,
  count: ({ process }) => {
    let count = 0;
    for (const nic of process?.nics ?? [])
      if (hasVirtio({ process: process!, nic })) count += 2 * nic.parts.queues.length;
    return count;
  },
  rows: (domain) => {
    const rows: QueueRow[] = [];
    for (let number = 0; number < domain.process!.nics.length; number++) {
      const { time, process, machine, nic } = nicRow(domain, number);
      if (!hasVirtio({ process, nic })) continue;
      nic.parts.queues.forEach(({ counters }, queue) => {
        // Written out: with a spread the engine keeps each as a dictionary, which is ten times slower to read.
        rows.push({ domain, time, process, machine, number, nic, queue, counters, isRx: true });
        rows.push({ domain, time, process, machine, number, nic, queue, counters, isRx: false });
      });
    }
    return rows;
  },
  index: ({ number, queue, isRx }) => [number, queue, isRx ? 1 : 2],
};

/** lvsQueueTable: the queues of active guests' virtio NICs, rx before tx. */
export function queueTable(host: Host): TableBinding<QueueRow> {
  const each = (rx: QueueCounter, tx: QueueCounter) => {
    const [rxAt, txAt] = [Q[rx], Q[tx]];
    return ({ machine, counters, isRx, time }: QueueRow) =>
      readCounter(machine, counters + (isRx ? rxAt : txAt), time.nowMs);
  };
  const rows = new GuestRows(host.domains, QUEUES);
  const ring = ({ machine, nic, queue, isRx, time }: QueueRow): RingState =>
    isRx
      ? readRxRing(machine, nic.parts, nic.model, queue, time.nowMs)
      : readTxRing(machine, nic.parts, queue, time.nowMs);
  return {
    rows,
    columnRows: {
      lvsQueueKicks: rows.where(({ isRx }) => !isRx),
      lvsQueueZeroCopies: rows.where(({ isRx, nic }) => !isRx && nic.model.config.zeroCopy),
    },
    columns: {
      lvsQueueOffered: each('rxOffered', 'txOffered'),
      lvsQueueOfferedOctets: each('rxOfferedBytes', 'txOfferedBytes'),
      lvsQueueDropped: each('rxDropped', 'txDropped'),
      lvsQueueDroppedOctets: each('rxDroppedBytes', 'txDroppedBytes'),
      lvsQueueFrames: each('rxFrames', 'txFrames'),
      lvsQueueOctets: each('rxBytes', 'txBytes'),
      lvsQueueBacklog: ({ machine, nic, queue, isRx, time }) =>
        readBacklog(machine, nic.parts, queue, isRx ? 'rx' : 'tx', time.nowMs),
      lvsQueueRingSize: ({ nic: { model }, isRx }) =>
        isRx ? model.config.rxQueueSize : model.config.txQueueSize,
      lvsQueueAvailableIndex: (row) => ring(row).available,
      lvsQueueUsedIndex: (row) => ring(row).used,
      lvsQueueInFlight: (row) => ring(row).inFlight,
      lvsQueueKicks: each('kicks', 'kicks'),
      lvsQueueInterrupts: each('rxInterrupts', 'txInterrupts'),
      lvsQueueZeroCopies: each('txZeroCopy', 'txZeroCopy'),
    },
  };
}
