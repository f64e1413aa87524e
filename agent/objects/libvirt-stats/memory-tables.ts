import type { Domain, Instant } from '../../emulation/domain/domain.ts';
import type { Host } from '../../emulation/host/host.ts';
import { type Machine, readCounter } from '../../emulation/machine/machine.ts';
import { STATE } from '../../emulation/memory/guest-memory-layout.ts';
import {
  type BalloonStatistic,
  currentKiB,
  lastUpdateMs,
  MEMORY_COUNTERS,
  MEMORY_EVENTS,
  memorySlowdown,
  pagesOnNode,
  readBalloonStatistic,
  rssKiB,
  targetPages,
} from '../../emulation/memory/guest-read.ts';
import { PAGE_KIB } from '../../emulation/memory/memory-config.ts';
import { NUMA_MODES } from '../../emulation/numa/numa-config.ts';
import type { GuestRam } from '../../emulation/process/emulator-process.ts';
import type { RowSet, SetTest, TableBinding } from '../../mib/module.ts';
import { GuestRows, oneForEach, severalForEach } from '../guest-rows.ts';
import type { SetTransaction } from '../set-transaction.ts';
import { numberList, type Readers } from './convert.ts';
import { NO_ROW, testChange } from './set.ts';

const ORDINARY_PAGES = 1;
const JOINED_PAGES = 2;
const HUGE_PAGES = 3;

/** The memory of an active guest that has one of its own. */
interface MemoryRow {
  readonly domain: Domain;
  readonly time: Instant;
  readonly machine: Machine;
  readonly ram: GuestRam;
}

function memoryOf(domain: Domain): MemoryRow | undefined {
  const { process } = domain;
  return process?.ram && { domain, time: domain.time, machine: process.machine, ram: process.ram };
}

const MEMORY = oneForEach(memoryOf);
/** What only the guest itself knows, and tells at times. */
const REPORTED = [
  'lvsMemLastUpdate',
  'lvsMemSwapIn',
  'lvsMemSwapOut',
  'lvsMemMajorFaults',
  'lvsMemMinorFaults',
  'lvsMemUnused',
  'lvsMemAvailable',
  'lvsMemUsable',
  'lvsMemDiskCaches',
  'lvsMemHugePagesAllocated',
  'lvsMemHugePagesFailed',
];

/** lvsMemTable: balloon and memory of active guests; a container's is in lvsCtTable. */
export function memoryTable(
  host: Host,
  transaction: SetTransaction,
  { upTime }: Readers,
): TableBinding<MemoryRow> {
  const statistic = (name: BalloonStatistic) => (row: MemoryRow) =>
    readBalloonStatistic(row.machine, row.ram.part, row.ram.guest, name);
  const counter = (name: keyof typeof MEMORY_COUNTERS) => {
    const at = MEMORY_COUNTERS[name];
    return ({ machine, ram: { part }, time }: MemoryRow) =>
      readCounter(machine, part.counters + at, time.nowMs);
  };
  const event = (name: keyof typeof MEMORY_EVENTS, unit = 1) => {
    const at = MEMORY_EVENTS[name];
    return ({ machine, ram: { part } }: MemoryRow) => machine.numbers[part.state + at]! * unit;
  };
  const rows = new GuestRows(host.domains, MEMORY);
  const reporting = rows.where(({ ram: { guest } }) => guest.balloon.statsPeriodSeconds > 0);
  return {
    rows,
    columnRows: {
      ...Object.fromEntries(REPORTED.map((column) => [column, reporting])),
      lvsMemReportedPages: rows.where(({ ram }) => ram.guest.balloon.freePageReporting),
      lvsMemMerged: rows.whereGuest(() => host.config.ksm.run === 1),
    },
    columns: {
      lvsMemMaximum: ({ domain }) => domain.maxMemoryKiB,
      lvsMemCurrent: ({ machine, ram, time }) => currentKiB(machine, ram.part, ram.guest, time.nowMs),
      lvsMemTarget: ({ machine, ram }) =>
        (ram.guest.maximumPages - targetPages(machine, ram.part)) * PAGE_KIB,
      lvsMemResident: ({ machine, ram }) => rssKiB(machine, ram.part),
      lvsMemBacking: ({ domain, ram }) => backingOf(domain, ram),
      lvsMemStatsPeriod: ({ ram }) => ram.guest.balloon.statsPeriodSeconds,
      lvsMemLastUpdate: ({ machine, ram }) => {
        const at = lastUpdateMs(machine, ram.part);
        return at === undefined ? undefined : upTime(at);
      },
      lvsMemSwapIn: statistic('swap_in'),
      lvsMemSwapOut: statistic('swap_out'),
      lvsMemMajorFaults: statistic('major_fault'),
      lvsMemMinorFaults: statistic('minor_fault'),
      lvsMemUnused: statistic('unused'),
      lvsMemAvailable: statistic('available'),
      lvsMemUsable: statistic('usable'),
      lvsMemDiskCaches: statistic('disk_caches'),
      lvsMemHugePagesAllocated: statistic('hugetlb_pgalloc'),
      lvsMemHugePagesFailed: statistic('hugetlb_pgfail'),
      lvsMemInflateRequests: counter('inflateRequests'),
      lvsMemDeflateRequests: counter('deflateRequests'),
      lvsMemBalloonRetries: counter('balloonRetries'),
      lvsMemOomKills: event('oomKills'),
      lvsMemReportedPages: event('reportedPages'),
      lvsMemHostSwapIns: event('hostSwapIns'),
      lvsMemHostSwapOuts: event('hostSwapOuts'),
      lvsMemHostSwapped: event('hostSwappedPages', PAGE_KIB),
      lvsMemMerged: event('mergedPages', PAGE_KIB),
      lvsMemNumaMode: ({ domain }) => NUMA_MODES.indexOf(domain.config.numatune?.mode ?? 'strict'),
      lvsMemNumaNodes: ({ domain }) => numberList(domain.config.numatune?.nodeset ?? []),
      lvsMemSlowdown: ({ machine, ram }) =>
        Math.round(100 * memorySlowdown(machine, ram.part, ram.guest, host.memory.nodes.count)),
    },
    testSet: (request) => testSet(transaction, request),
  };
}

function backingOf({ host }: Domain, { guest }: GuestRam): number {
  if (guest.backing === 'hugepages') return HUGE_PAGES;
  // Kernels of both eras join anonymous pages of an emulator; Xen's are not the kernel's.
  return guest.backing === 'xen' || host.config.profile === 'rhel6' ? ORDINARY_PAGES : JOINED_PAGES;
}

function testSet(transaction: SetTransaction, { row, values }: RowSet<MemoryRow>): SetTest {
  if (!row) return NO_ROW;
  const balloonKiB = values.get('lvsMemTarget') as number;
  return testChange(transaction, { op: 'tune', domain: row.domain, balloonKiB }, 'lvsMemTarget');
}

/** A guest's memory on one node of the host. */
interface NodeRow extends MemoryRow {
  readonly node: number;
}

/** The memory of an active guest, a container's included, on one node. */
function nodeRow(domain: Domain, node: number): NodeRow {
  const { process, time } = domain;
  const { machine, ram, container } = process!;
  return { domain, time, machine, ram: ram ?? container!.memory, node };
}

/** lvsGuestNodeTable: where the memory of active guests lies. */
export function guestNodeTable(host: Host): TableBinding<NodeRow> {
  const { count } = host.memory.nodes;
  const huge = ({ machine, ram, node }: NodeRow) =>
    machine.numbers[ram.part.state + STATE.NODES + count + node]!;
  return {
    rows: new GuestRows(
      host.domains,
      severalForEach(
        ({ process }) => (process?.ram || process?.container ? host.memory.nodes.count : 0),
        nodeRow,
        ({ node }) => node,
      ),
    ),
    columns: {
      lvsGuestNodeMemory: (row) =>
        (pagesOnNode(row.machine, row.ram.part, row.node, count) - huge(row)) * PAGE_KIB,
      lvsGuestNodeHugeMemory: (row) => huge(row) * PAGE_KIB,
    },
  };
}
