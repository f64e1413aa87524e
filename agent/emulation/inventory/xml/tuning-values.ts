import type {
  ContainerConfig,
  DomainConfig,
  MemballoonConfig,
  MemoryBackingConfig,
} from '../../domain/domain-config.ts';
import { NUMA_MODES, type NumatuneConfig } from '../../numa/numa-config.ts';
import type { CputuneConfig } from '../../vcpu/vcpu-config.ts';
import { attribute, child, children, descendant, type XmlElement } from './element.ts';
import { filledNumberSet, memoryKiB, wholeNumber } from './values.ts';

/** libvirt's "unlimited" for memory is the largest number of KiB; nobody has so much. */
const UNLIMITED_KIB = 2 ** 50;

/**
 * What a definition says of processors, memory and containment beside their sizes; what it does not say is absent.
 * It must have passed the checks already.
 */
export function readTuning(
  domain: XmlElement,
  type: string,
  maxVcpus: number,
): Pick<
  DomainConfig,
  'osType' | 'title' | 'description' | 'cputune' | 'numatune' | 'backing' | 'memballoon' | 'container'
> {
  const title = child(domain, 'title')?.text ?? '';
  const description = child(domain, 'description')?.text ?? '';
  const osType = readOsType(domain);
  const cputune = readCputune(domain, maxVcpus);
  const numatune = readNumatune(child(domain, 'numatune'));
  const backing = readBacking(child(domain, 'memoryBacking'));
  const memballoon = readMemballoon(child(child(domain, 'devices'), 'memballoon'));
  const container = type === 'lxc' ? readContainer(domain) : undefined;
  return {
    ...(title === '' ? {} : { title }),
    ...(description === '' ? {} : { description }),
    ...(osType ? { osType } : {}),
    ...(cputune ? { cputune } : {}),
    ...(numatune ? { numatune } : {}),
    ...(backing ? { backing } : {}),
    ...(memballoon ? { memballoon } : {}),
    ...(container ? { container } : {}),
  };
}

function readOsType(domain: XmlElement): DomainConfig['osType'] {
  const text = descendant(domain, 'os/type')?.text;
  return text === 'hvm' || text === 'xen' || text === 'linux' || text === 'exe' ? text : undefined;
}

/** The number of an element; `undefined` without one, and for 0, which libvirt takes for "not given". */
function positive(element: XmlElement | undefined, max: number): number | undefined {
  return element === undefined ? undefined : wholeNumber(element.text, { min: 1, max });
}

function readCputune(domain: XmlElement, maxVcpus: number): Partial<CputuneConfig> | undefined {
  const cputune = child(domain, 'cputune');
  const shares = positive(child(cputune, 'shares'), 262_144);
  const periodUs = positive(child(cputune, 'period'), 1_000_000);
  const quota = child(cputune, 'quota');
  const isEndless = quota !== undefined && /^\s*-[0-9]+$/.test(quota.text);
  const quotaUs = isEndless ? -1 : positive(quota, Number.MAX_SAFE_INTEGER);
  const everywhere = attribute(child(domain, 'vcpu'), 'cpuset');
  const all = everywhere === undefined ? undefined : filledNumberSet(everywhere);
  const vcpupin = readPins(cputune, maxVcpus, all);
  const emulator = attribute(child(cputune, 'emulatorpin'), 'cpuset');
  const emulatorpin = (emulator === undefined ? undefined : filledNumberSet(emulator)) ?? all;
  const found: Partial<CputuneConfig> = {
    ...(shares === undefined ? {} : { shares }),
    ...(periodUs === undefined ? {} : { periodUs }),
    ...(quotaUs === undefined ? {} : { quotaUs }),
    ...(vcpupin ? { vcpupin } : {}),
    ...(emulatorpin ? { emulatorpin } : {}),
  };
  return Object.keys(found).length > 0 ? found : undefined;
}

/** `<vcpupin>` of each vCPU, and for the others what `<vcpu cpuset=>` says of all. */
function readPins(
  cputune: XmlElement | undefined,
  maxVcpus: number,
  all: readonly number[] | undefined,
): CputuneConfig['vcpupin'] {
  const pins = new Map<number, readonly number[]>();
  for (const pin of children(cputune, 'vcpupin')) {
    const vcpu = wholeNumber(attribute(pin, 'vcpu') ?? '');
    const cpus = filledNumberSet(attribute(pin, 'cpuset') ?? '');
    // libvirt passes over the pin of a vCPU that the domain does not have.
    if (vcpu !== undefined && vcpu < maxVcpus && cpus !== undefined) pins.set(vcpu, cpus);
  }
  if (pins.size === 0 && all === undefined) return undefined;
  const count = all === undefined ? Math.max(...pins.keys()) + 1 : maxVcpus;
  return Array.from({ length: count }, (_, vcpu) => pins.get(vcpu) ?? all);
}

function modeOf(element: XmlElement | undefined): NumatuneConfig['mode'] {
  const mode = attribute(element, 'mode');
  return NUMA_MODES.find((each) => each === mode) ?? 'strict';
}

function nodesOf(element: XmlElement | undefined): number[] | undefined {
  const nodeset = attribute(element, 'nodeset');
  return nodeset === undefined ? undefined : filledNumberSet(nodeset);
}

function readNumatune(numatune: XmlElement | undefined): NumatuneConfig | undefined {
  const memory = child(numatune, 'memory');
  const memnodes = children(numatune, 'memnode').map((each) => ({
    cellId: wholeNumber(attribute(each, 'cellid') ?? '') ?? 0,
    mode: modeOf(each),
    nodeset: nodesOf(each) ?? [],
  }));
  const nodeset = nodesOf(memory);
  if (nodeset !== undefined) return { mode: modeOf(memory), nodeset, memnodes };
  if (memnodes.length === 0) return undefined;
  // Cells that no <memnode> names may be anywhere: what is said of the others is where to begin.
  const named = new Set(memnodes.flatMap((each) => each.nodeset));
  return { mode: 'preferred', nodeset: [...named].sort((a, b) => a - b), memnodes };
}

function readBacking(backing: XmlElement | undefined): MemoryBackingConfig | undefined {
  const hugepages = child(backing, 'hugepages');
  if (hugepages !== undefined) {
    const page = child(hugepages, 'page');
    if (page === undefined) return { kind: 'hugepages' };
    const size = attribute(page, 'size') ?? '';
    const hugePageKiB = memoryKiB(page, size, attribute(page, 'unit'), 'size= of <page>');
    // Pages of the system's own size are no huge ones.
    if (hugePageKiB > 4) return { kind: 'hugepages', hugePageKiB };
  }
  return child(backing, 'locked') === undefined ? undefined : { kind: 'locked' };
}

function readMemballoon(memballoon: XmlElement | undefined): MemballoonConfig | undefined {
  const text = attribute(memballoon, 'model');
  if (text === undefined) return undefined;
  const model = text === 'xen' || text === 'none' ? text : 'virtio';
  const autodeflate = attribute(memballoon, 'autodeflate');
  const reporting = attribute(memballoon, 'freePageReporting');
  const period = attribute(child(memballoon, 'stats'), 'period');
  const statsPeriodSeconds = period === undefined ? undefined : wholeNumber(period, { max: 0x7fffffff });
  return {
    model,
    ...(autodeflate === undefined ? {} : { autodeflate: autodeflate === 'on' }),
    ...(reporting === undefined ? {} : { freePageReporting: reporting === 'on' }),
    ...(statsPeriodSeconds === undefined ? {} : { statsPeriodSeconds }),
  };
}

function limitBytes(domain: XmlElement, name: string): number | undefined {
  const element = child(child(domain, 'memtune'), name);
  if (element === undefined || element.text === '') return undefined;
  const kib = memoryKiB(element, element.text, attribute(element, 'unit'), `<${name}>`);
  return kib === 0 || kib >= UNLIMITED_KIB ? undefined : kib * 1024;
}

/**
 * A container's limits and namespaces. libvirt writes the soft limit to cgroup v2's memory.high, and the limit of
 * memory and swap together, less the memory limit, to memory.swap.max.
 */
function readContainer(domain: XmlElement): ContainerConfig | undefined {
  const max = limitBytes(domain, 'hard_limit');
  const high = limitBytes(domain, 'soft_limit');
  const both = limitBytes(domain, 'swap_hard_limit');
  const memory = {
    ...(max === undefined ? {} : { max }),
    ...(high === undefined ? {} : { high }),
    ...(both === undefined || max === undefined ? {} : { swapMax: Math.max(0, both - max) }),
  };
  const found: ContainerConfig = {
    ...(Object.keys(memory).length > 0 ? { limits: { memory } } : {}),
    ...(descendant(domain, 'features/privnet') === undefined ? {} : { privnet: true }),
    ...(child(child(domain, 'idmap'), 'uid') === undefined ? {} : { idmap: true }),
  };
  return Object.keys(found).length > 0 ? found : undefined;
}
