import type { MemnodeConfig, NumatuneConfig } from '../numa/numa-config.ts';
import { NUMA_DEFAULTS } from '../numa/numa-config.ts';
import { checkNodeset } from '../numa/numatune-change.ts';
import type { Placement } from '../numa/placement.ts';
import type { HostMemory } from './host-memory.ts';
import { type Backing, DEFAULTS, type GuestMemory, PAGE_KIB } from './memory-config.ts';

/** Memory of a guest as its definition gives it; what is absent has a default by its era. */
export interface GuestMemoryOptions {
  /** `<memory>` in KiB. */
  readonly maximumKiB: number;
  /** anonymous when absent. */
  readonly backing?: Backing;
  /** Size of huge pages in KiB for `<hugepages>`; 2048 when absent. */
  readonly hugePageKiB?: number;
  /** Era of the host: which statistics its emulator hands on. */
  readonly hostProfile: keyof typeof DEFAULTS;
  /** Era of the guest's system: which statistics its driver sends. */
  readonly guestProfile: keyof typeof DEFAULTS;
  /** `<memballoon model=>`; virtio when absent. */
  readonly balloonModel?: 'virtio' | 'xen' | 'virtio-mem' | 'none';
  /** KiB of a block of the memory device, for virtio-mem. */
  readonly blockKiB?: number;
  readonly balloonDriver?: boolean;
  readonly autodeflate?: boolean;
  readonly freePageReporting?: boolean;
  readonly statsPeriodSeconds?: number;
  /** Swap device of the guest in KiB; a quarter of its memory when absent. */
  readonly guestSwapKiB?: number;
  readonly guestHugePages?: number;
  readonly panicOnOom?: boolean;
  readonly ksm?: { readonly content: string; readonly share: number };
  readonly numatune?: NumatuneConfig;
  /** Memory of each guest cell in KiB, by id, when `<cpu><numa>` gives cells. */
  readonly cellsKiB?: readonly number[];
  /** Host nodes that the vCPUs may run on, ascending; all when absent. */
  readonly cpuNodes?: readonly number[];
  readonly memoryBoundShare?: number;
}

/** Share of its memory that a guest's kernel needs, and never less than this. */
const KERNEL_SHARE = 0.03;
const LEAST_KERNEL_KIB = 16 * 1024;
const EMULATOR_KIB = 40 * 1024;
const WATERMARK_SHARE = 0.01;
const CACHE_FLOOR_SHARE = 0.01;
const CACHE_WANT_SHARE = 0.1;
const SWAP_SHARE = 0.25;

/** Compiles a guest's memory for a host. Throws DOMAIN_INVALID when its NUMA tuning names a node that is not there. */
export function compileGuestMemory(options: GuestMemoryOptions, host: HostMemory): GuestMemory {
  const maximumPages = Math.floor(options.maximumKiB / PAGE_KIB);
  const share = (of: number) => Math.floor(maximumPages * of);
  const backing = options.backing ?? 'anonymous';
  const hostEra = DEFAULTS[options.hostProfile];
  const guestEra = DEFAULTS[options.guestProfile];
  const { hostTags } = hostEra;
  const { placements, placementShares } = compilePlacements(options, host);
  return {
    maximumPages,
    backing,
    ...(backing === 'hugepages'
      ? {
          hugePages: {
            sizeKiB: options.hugePageKiB ?? 2048,
            nodeset: [...new Set(placements.flatMap(({ wanted, allowed }) => [...wanted, ...allowed]))],
          },
        }
      : {}),
    balloon: {
      model: options.balloonModel ?? (backing === 'xen' ? 'xen' : 'virtio'),
      ...(options.blockKiB === undefined ? {} : { blockPages: options.blockKiB / PAGE_KIB }),
      driver: options.balloonDriver ?? true,
      autodeflate: options.autodeflate ?? false,
      freePageReporting: options.freePageReporting ?? false,
      statsPeriodSeconds: options.statsPeriodSeconds ?? 0,
      tags: hostTags === 0 ? 0 : guestEra.guestTags,
      minorCountsAll: guestEra.minorCountsAll,
    },
    emulatorPages: backing === 'xen' ? 0 : EMULATOR_KIB / PAGE_KIB,
    kernelPages: Math.min(share(0.5), Math.max(share(KERNEL_SHARE), LEAST_KERNEL_KIB / PAGE_KIB)),
    watermarkPages: share(WATERMARK_SHARE),
    cacheFloorPages: share(CACHE_FLOOR_SHARE),
    cacheWantPages: share(CACHE_WANT_SHARE),
    swapPages:
      options.guestSwapKiB === undefined ? share(SWAP_SHARE) : Math.floor(options.guestSwapKiB / PAGE_KIB),
    guestHugePages: (options.guestHugePages ?? 0) * 512,
    panicOnOom: options.panicOnOom ?? false,
    // KSM looks at anonymous memory only: huge pages and locked memory of others are not for it.
    ...(options.ksm === undefined || backing !== 'anonymous' ? {} : { ksm: options.ksm }),
    placements,
    placementShares,
    memoryBoundShare: options.memoryBoundShare ?? NUMA_DEFAULTS.memoryBoundShare,
  };
}

function compilePlacements(
  { numatune, cellsKiB, cpuNodes }: GuestMemoryOptions,
  host: HostMemory,
): { placements: readonly Placement[]; placementShares: readonly number[] } {
  const hostNodes = host.nodes.count;
  const cpus = cpuNodes ?? allNodes(host);
  checkNodeset(cpus, hostNodes);
  if (numatune) checkNodeset(numatune.nodeset, hostNodes);
  const policy = (tune: NumatuneConfig | MemnodeConfig | undefined) =>
    host.board.placement(tune?.mode, tune?.nodeset ?? allNodes(host), cpus);
  if (!numatune || numatune.memnodes.length === 0 || cellsKiB === undefined)
    return { placements: [policy(numatune)], placementShares: [1] };
  for (const { nodeset } of numatune.memnodes) checkNodeset(nodeset, hostNodes);
  const total = cellsKiB.reduce((sum, kib) => sum + kib, 0);
  let upTo = 0;
  return {
    placements: cellsKiB.map((_, cell) =>
      policy(numatune.memnodes.find(({ cellId }) => cellId === cell) ?? numatune),
    ),
    placementShares: cellsKiB.map((kib, cell) => {
      upTo += kib;
      return cell === cellsKiB.length - 1 ? 1 : upTo / total;
    }),
  };
}

function allNodes(host: HostMemory): readonly number[] {
  return Array.from({ length: host.nodes.count }, (_, node) => node);
}
