import type { Domain } from '../../emulation/domain.ts';
import type { EmulatorProcess, GuestRam } from '../../emulation/emulator-process.ts';
import type { Host } from '../../emulation/host.ts';
import { STATE } from '../../emulation/memory/guest-memory-layout.ts';
import {
  type BalloonStatistic,
  currentKiB,
  lastUpdateMs,
  type MemoryEvents,
  memorySlowdown,
  pagesOnNode,
  readBalloonStatistic,
  readMemoryEvents,
  rssKiB,
  targetPages,
} from '../../emulation/memory/guest-read.ts';
import { PAGE_KIB } from '../../emulation/memory/memory-config.ts';
import { NUMA_MODES } from '../../emulation/numa/numa-config.ts';
import type { RowSet, SetTest, TableBinding } from '../../mib/module.ts';
import type { SetTransaction } from '../set-transaction.ts';
import { numberList, type Readers } from './convert.ts';
import { GuestRows, oneForEach, severalForEach } from './rows.ts';
import { NO_ROW, testChange } from './set.ts';

const ORDINARY_PAGES = 1;
const JOINED_PAGES = 2;
const HUGE_PAGES = 3;

/** The memory of an active guest that has one of its own. */
interface MemoryRow {
  readonly domain: Domain;
  readonly process: EmulatorProcess;
  readonly ram: GuestRam;
}

function memoryOf(domain: Domain): MemoryRow | undefined {
  const { process } = domain;
  return process?.ram && { domain, process, ram: process.ram };
}

/** lvsMemTable: balloon and memory of active guests; a container's is in lvsCtTable. */
export function memoryTable(
  host: Host,
  transaction: SetTransaction,
  { upTime }: Readers,
): TableBinding<MemoryRow> {
  const statistic = (name: BalloonStatistic) => (row: MemoryRow) =>
    readBalloonStatistic(row.process.machine, row.ram.part, row.ram.guest, name);
  const event =
    (name: keyof MemoryEvents, unit = 1) =>
    (row: MemoryRow) =>
      readMemoryEvents(row.process.machine, row.ram.part, row.domain.nowMs)[name] * unit;
  return {
    rows: new GuestRows(host.domains, oneForEach(memoryOf)),
    columns: {
      lvsMemMaximum: ({ domain }) => domain.maxMemoryKiB,
      lvsMemCurrent: ({ domain, process, ram }) =>
        currentKiB(process.machine, ram.part, ram.guest, domain.nowMs),
      lvsMemTarget: ({ process, ram }) =>
        (ram.guest.maximumPages - targetPages(process.machine, ram.part)) * PAGE_KIB,
      lvsMemResident: ({ process, ram }) => rssKiB(process.machine, ram.part),
      lvsMemBacking: ({ domain, ram }) => backingOf(domain, ram),
      lvsMemStatsPeriod: ({ ram }) => ram.guest.balloon.statsPeriodSeconds,
      lvsMemLastUpdate: ({ process, ram }) => {
        const at = lastUpdateMs(process.machine, ram.part);
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
      lvsMemInflateRequests: event('inflateRequests'),
      lvsMemDeflateRequests: event('deflateRequests'),
      lvsMemBalloonRetries: event('balloonRetries'),
      lvsMemOomKills: event('oomKills'),
      lvsMemReportedPages: (row) =>
        row.ram.guest.balloon.freePageReporting ? event('reportedPages')(row) : undefined,
      lvsMemHostSwapIns: event('hostSwapIns'),
      lvsMemHostSwapOuts: event('hostSwapOuts'),
      lvsMemHostSwapped: event('hostSwappedPages', PAGE_KIB),
      lvsMemMerged: (row) => (host.config.ksm.run === 1 ? event('mergedPages', PAGE_KIB)(row) : undefined),
      lvsMemNumaMode: ({ domain }) => NUMA_MODES.indexOf(domain.config.numatune?.mode ?? 'strict'),
      lvsMemNumaNodes: ({ domain }) => numberList(domain.config.numatune?.nodeset ?? []),
      lvsMemSlowdown: ({ process, ram }) =>
        Math.round(100 * memorySlowdown(process.machine, ram.part, ram.guest, host.memory.nodes.count)),
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

/** The memory of an active guest, a container's included. */
function housedMemoryOf(domain: Domain): MemoryRow | undefined {
  const { process } = domain;
  const ram = process?.ram ?? process?.container?.memory;
  return process && ram && { domain, process, ram };
}

/** lvsGuestNodeTable: where the memory of active guests lies. */
export function guestNodeTable(host: Host): TableBinding<NodeRow> {
  const { count } = host.memory.nodes;
  const huge = ({ process, ram, node }: NodeRow) =>
    process.machine.numbers[ram.part.state + STATE.NODES + count + node]!;
  return {
    rows: new GuestRows(
      host.domains,
      severalForEach(
        (domain) => (housedMemoryOf(domain) ? host.memory.nodes.count : 0),
        (domain, node): NodeRow => ({ ...housedMemoryOf(domain)!, node }),
      ),
    ),
    columns: {
      lvsGuestNodeMemory: (row) =>
        (pagesOnNode(row.process.machine, row.ram.part, row.node, count) - huge(row)) * PAGE_KIB,
      lvsGuestNodeHugeMemory: (row) => huge(row) * PAGE_KIB,
    },
  };
}
