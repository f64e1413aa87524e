import type { Domain } from '../../emulation/domain.ts';
import type { EmulatorProcess, GuestNic } from '../../emulation/emulator-process.ts';
import type { Host } from '../../emulation/host.ts';
import { nicAddress } from '../../emulation/net/mac-address.ts';
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
import { nicTarget } from '../../emulation/nic-target.ts';
import { isVirtio } from '../../emulation/process-config.ts';
import type { TableBinding } from '../../mib/module.ts';
import type { Oid } from '../../util/oid.ts';
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

function hasVirtio({ process, nic: { config } }: NicRow): boolean {
  return !process.container && isVirtio(config);
}

/** lvsNicTable: the NICs of active guests. */
export function nicTable(host: Host): TableBinding<NicRow> {
  const sum = (name: QueueCounter) => (row: NicRow) =>
    readQueues(row.process.machine, row.nic.parts, name, row.domain.nowMs);
  const counter = (name: NicCounter) => (row: NicRow) =>
    readNic(row.process.machine, row.nic.parts, name, row.domain.nowMs);
  const ofVirtio = (name: NicCounter) => (row: NicRow) => (hasVirtio(row) ? counter(name)(row) : undefined);
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
      lvsNicTxErrors: counter('txErrors'),
      lvsNicTxDropped: (row) => sum('txDropped')(row) - counter('txErrors')(row),
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

/** One direction of a pair of queues. */
interface QueueRow extends NicRow {
  readonly queue: number;
  readonly direction: (typeof DIRECTIONS)[number];
  /** What follows the guest's UUID in its index. */
  readonly index: Oid;
}

/** Both directions of all pairs of a guest's virtio NICs, in the order of their indexes. */
const QUEUES: GuestPart<QueueRow> = {
  count: (domain) => queuesOf(domain).length,
  index: (domain, place) => queuesOf(domain)[place]!.index,
  row: (domain, place) => queuesOf(domain)[place]!,
};

/** What {@link queuesOf} made of the NICs of a process, which would be the same again. */
const queues = new WeakMap<
  GuestNics,
  { readonly process: EmulatorProcess; readonly rows: readonly QueueRow[] }
>();
type GuestNics = EmulatorProcess['nics'];

function queuesOf(domain: Domain): readonly QueueRow[] {
  const { process } = domain;
  if (!process) return [];
  const { nics } = process;
  const known = queues.get(nics);
  if (known?.process === process) return known.rows;
  const rows = nics.flatMap((nic, number) => {
    const row = { domain, process, number, nic };
    if (!hasVirtio(row)) return [];
    return nic.parts.queues.flatMap((_, queue) =>
      DIRECTIONS.map((direction, i) => ({ ...row, queue, direction, index: [number, queue, i + 1] })),
    );
  });
  queues.set(nics, { process, rows });
  return rows;
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
