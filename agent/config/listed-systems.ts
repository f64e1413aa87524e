import { z } from 'zod';
import type { ContainerConfig, DomainConfig, NumaCellConfig } from '../emulation/domain/domain-config.ts';
import { NUMA_MODES } from '../emulation/numa/numa-config.ts';
import { flag, integer, option, section, text } from './fields.ts';
import { DEVICES, listedDevices } from './listed-devices.ts';
import {
  amount,
  anyGiven,
  cpuSet,
  given,
  group,
  label,
  number,
  numberSet,
  type Read,
  wholeNumber,
  word,
  yesNo,
} from './optional.ts';

const OS_TYPES = ['hvm', 'xen', 'linux', 'exe'] as const;
const WORKS = ['compute', 'build', 'server', 'contended'] as const;
const NUMBER_SET = 'a number, a list of numbers, or text such as "0-3,^2"';
const MOST_LISTED = 4096;

function listOf<S extends z.ZodType>(item: S, about: string, what: string, defaultText = 'none') {
  const error = `a list of ${what}`;
  return option(z.array(item, { error }).max(MOST_LISTED, { error }).optional(), {
    about,
    expected: error,
    defaultText,
  });
}

const vcpupin = section({
  vcpu: option(integer(0, 4095), { about: 'Number of the vCPU.', expected: 'a whole number from 0 to 4095' }),
  cpuset: option(numberSet(), { about: 'Processors that it runs on.', expected: NUMBER_SET }),
});

const cell = section({
  cpus: cpuSet('Its vCPUs.', 'as many as any other has'),
  memory: amount('Its memory', 'as much as any other has'),
});

const memnode = section({
  cellid: option(integer(0, 4095), {
    about: 'Number of the cell, from 0.',
    expected: 'a whole number from 0 to 4095',
  }),
  mode: word(NUMA_MODES, 'How its memory is taken from the nodes.', 'strict'),
  nodeset: option(numberSet(), { about: 'Nodes of the host.', expected: NUMBER_SET }),
});

const memballoon = section({
  model: word(['virtio', 'xen', 'none'], 'Its model.', 'virtio; xen for the type xen'),
  driver: yesNo('The guest has a driver for it.', 'true'),
  autodeflate: yesNo('It gives memory back before the guest kills a process.', 'false'),
  freePageReporting: yesNo('The guest hands over what it does not use.', 'false'),
  statsPeriodSeconds: wholeNumber(0, 86_400, 'How often it reports statistics; 0 is never.', '0'),
});

const guest = section({
  profile: word(['modern', 'rhel6'], 'Era of its system.', "the host's"),
  swap: amount('Its swap', 'a quarter of its memory'),
  hugePages: wholeNumber(0, 2 ** 31 - 1, 'Huge pages of 2 MiB that its kernel sets aside.', '0'),
  panicOnOom: yesNo('It panics without memory (`vm.panic_on_oom`) instead of killing a process.', 'false'),
  memoryBoundShare: number(0, 1, 'Share of its vCPU time that waits for memory.', '0.3'),
  ksm: group(
    section({
      content: option(text(1, 64), {
        about: 'What it has in common with all that name the same.',
        expected: 'text of 1 to 64 octets',
      }),
      share: option(z.number({ error: 'a number from 0 to 1' }).min(0).max(1), {
        about: 'How much of its memory that is.',
        expected: 'a number from 0 to 1',
      }),
    }),
    "Memory that the host's KSM can merge.",
  ),
});

const container = section({
  memoryMin: amount('`memory.min` of its cgroup', '0'),
  memoryLow: amount('`memory.low`', '0'),
  memoryHigh: amount('`memory.high`', 'none'),
  memoryMax: amount('`memory.max`', 'the value of `memory`'),
  swapMax: amount('`memory.swap.max`', 'none'),
  oomGroup: yesNo('`memory.oom.group`: running out of memory ends all of it.', 'false'),
  pidsMax: wholeNumber(1, 4_194_304, '`pids.max`.', 'none'),
  privnet: yesNo('It has a network of its own, even without NICs (`<privnet>`).', 'false'),
  idmap: yesNo('It has a user namespace (`<idmap>`).', 'false'),
});

/** What a listed domain may have of each system of the host. */
export const DOMAIN_SYSTEMS = {
  title: label(255, '`<title>`.', 'none'),
  osType: word(
    OS_TYPES,
    'How its system is run: on emulated hardware, paravirtual (xen, linux), or as a container (exe).',
    'that of its type',
  ),
  work: word(
    WORKS,
    'What its programs do with the vCPUs: how often they wait for locks and for input.',
    'that of its load',
  ),
  cpuShares: wholeNumber(
    2,
    262_144,
    '`<cputune>`: its weight, of a container that of its cgroup.',
    '1024; 100 for a container',
  ),
  cpuQuotaUs: wholeNumber(
    1000,
    2 ** 31 - 1,
    '`<cputune>`: us that each vCPU, or a container as a whole, may run in a period.',
    'none',
  ),
  cpuPeriodUs: wholeNumber(1000, 1_000_000, '`<cputune>`: length of a period, in us.', '100000'),
  cpuset: cpuSet('`<vcpu cpuset=>`: processors that vCPUs and emulator run on.', 'all'),
  vcpupin: listOf(vcpupin, '`<vcpupin>`: processors of single vCPUs.', 'vCPUs with their processors'),
  emulatorpin: cpuSet('`<emulatorpin>`: processors of the emulator and of vhost.', 'the value of `cpuset`'),
  numaMode: word(
    NUMA_MODES,
    '`<numatune>`: how its memory is taken from the nodes of `numaNodes`.',
    'none; strict with `numaNodes`',
  ),
  numaNodes: cpuSet('`<numatune>`: nodes of the host that its memory comes from.', 'all'),
  numaCells: listOf(cell, '`<cpu><numa>`: the nodes that the guest sees.', 'cells'),
  memnodes: listOf(memnode, '`<memnode>`: where the memory of single cells comes from.', 'cells with nodes'),
  hugePages: option(flag().default(false), {
    about: "Whether its memory is made of the host's huge pages.",
    expected: 'true or false',
  }),
  hugePageSize: amount('Size of these', '2 MiB'),
  locked: option(flag().default(false), {
    about: 'Whether its memory is taken at once, and never swapped.',
    expected: 'true or false',
  }),
  memballoon: group(memballoon, 'Its balloon.', 'virtio'),
  blkioWeight: wholeNumber(10, 1000, '`<blkiotune>`: weight of its disks.', '500'),
  guest: group(guest, 'What is inside of it.', "the host's era"),
  container: group(container, "A container's cgroup and namespaces.", 'no limits'),
  ...DEVICES,
} as const;

type Systems = Read<typeof DOMAIN_SYSTEMS>;
/** What decides about a domain's cells and pins beside its systems. */
export type Size = Systems & { readonly maxVcpus: number; readonly memoryKiB: number };

/** Something that does not fit together, by the option to blame. */
export type Issue = (path: readonly PropertyKey[], message: string) => void;

/** Finds what of a domain's processors and memory does not fit together. */
export function checkSystems(from: Size, issue: Issue): void {
  from.vcpupin?.forEach(({ vcpu }, i) => {
    if (vcpu >= from.maxVcpus)
      issue(['vcpupin', i, 'vcpu'], `there is no vCPU ${vcpu}; expected 0 to ${from.maxVcpus - 1}`);
    if (from.vcpupin!.findIndex((other) => other.vcpu === vcpu) < i)
      issue(['vcpupin', i, 'vcpu'], `vCPU ${vcpu} is pinned twice; expected each one once`);
  });
  checkCells(from, issue);
  if (from.hugePageSize !== undefined && !from.hugePages)
    issue(['hugePageSize'], 'given without hugePages; expected hugePages: true');
  if (from.locked && from.hugePages) issue(['locked'], 'given with hugePages, which are locked always');
}

function checkCells({ numaCells, memnodes, maxVcpus, memoryKiB }: Size, issue: Issue): void {
  const count = numaCells?.length ?? 0;
  memnodes?.forEach(({ cellid }, i) => {
    if (cellid >= count)
      issue(
        ['memnodes', i, 'cellid'],
        `there is no cell ${cellid}; expected ${count === 0 ? 'numaCells to be given' : `0 to ${count - 1}`}`,
      );
    if (memnodes.findIndex((other) => other.cellid === cellid) < i)
      issue(['memnodes', i, 'cellid'], `cell ${cellid} is there twice; expected each one once`);
  });
  if (!numaCells || count === 0) return;
  const owner = new Map<number, number>();
  numaCells.forEach(({ cpus }, i) => {
    for (const cpu of cpus ?? []) {
      const other = owner.get(cpu);
      if (cpu >= maxVcpus)
        issue(['numaCells', i, 'cpus'], `there is no vCPU ${cpu}; expected 0 to ${maxVcpus - 1}`);
      else if (other !== undefined)
        issue(['numaCells', i, 'cpus'], `vCPU ${cpu} is in cell ${other}, too; expected it in one`);
      owner.set(cpu, i);
    }
  });
  const sizes = numaCells.map(({ memory }) => memory);
  if (sizes.every((kib) => kib === undefined)) return;
  const sum = sizes.reduce<number>((total, kib) => total + (kib ?? 0), 0);
  if (sizes.includes(undefined) || sum !== memoryKiB)
    issue(['numaCells'], `cells of ${sum} KiB; expected ${memoryKiB} KiB together, or none of them given`);
}

/** The part of a domain's definition that {@link DOMAIN_SYSTEMS} reads. */
export function domainSystems(from: Size): Partial<DomainConfig> {
  return given({
    title: from.title,
    osType: from.osType,
    guest: anyGiven({ ...guestOf(from.guest), work: from.work }),
    cputune: anyGiven({
      shares: from.cpuShares,
      quotaUs: from.cpuQuotaUs,
      periodUs: from.cpuPeriodUs,
      vcpupin: pinsOf(from),
      emulatorpin: from.emulatorpin ?? from.cpuset,
    }),
    numaCells: cellsOf(from),
    numatune: numatuneOf(from),
    backing: backingOf(from),
    memballoon: anyGiven(from.memballoon),
    container: containerOf(from.container),
    devices: listedDevices(from),
  });
}

function guestOf(from: Systems['guest']): DomainConfig['guest'] {
  if (!from) return undefined;
  const { swap, ...rest } = from;
  return given({ ...rest, swapKiB: swap });
}

function pinsOf({ vcpupin: pins, cpuset, maxVcpus }: Size): (readonly number[] | undefined)[] | undefined {
  if (!pins && !cpuset) return undefined;
  return Array.from({ length: maxVcpus }, (_, n) => pins?.find(({ vcpu }) => vcpu === n)?.cpuset ?? cpuset);
}

/** Cells that say nothing of vCPUs and memory share them out equally. */
function cellsOf({ numaCells = [], maxVcpus, memoryKiB }: Size): NumaCellConfig[] {
  const count = numaCells.length;
  const even = numaCells.every(({ cpus }) => cpus === undefined);
  const share = (all: number, i: number) => Math.floor((all * i) / count);
  return numaCells.map(({ cpus = [], memory }, id) => ({
    id,
    cpus: even
      ? Array.from(
          { length: share(maxVcpus, id + 1) - share(maxVcpus, id) },
          (_, n) => share(maxVcpus, id) + n,
        )
      : cpus,
    memoryKiB: memory ?? share(memoryKiB, id + 1) - share(memoryKiB, id),
  }));
}

function numatuneOf({ numaMode, numaNodes, memnodes }: Size): DomainConfig['numatune'] {
  const nodes = (memnodes ?? []).map(({ cellid, mode = 'strict', nodeset }) => ({
    cellId: cellid,
    mode,
    nodeset,
  }));
  if (numaNodes) return { mode: numaMode ?? 'strict', nodeset: numaNodes, memnodes: nodes };
  if (nodes.length === 0) return undefined;
  // Cells that are not named may be anywhere: what is said of the others is where to begin.
  const named = new Set(nodes.flatMap(({ nodeset }) => nodeset));
  return { mode: numaMode ?? 'preferred', nodeset: [...named].toSorted((a, b) => a - b), memnodes: nodes };
}

function backingOf({ hugePages, hugePageSize, locked }: Size): DomainConfig['backing'] {
  if (hugePages)
    return given({ kind: 'hugepages' as const, hugePageKiB: hugePageSize }) as DomainConfig['backing'];
  return locked ? { kind: 'locked' } : undefined;
}

function containerOf(from: Systems['container']): ContainerConfig | undefined {
  if (!from) return undefined;
  const bytes = (kib: number | undefined) => (kib === undefined ? undefined : kib * 1024);
  const memory = anyGiven({
    min: bytes(from.memoryMin),
    low: bytes(from.memoryLow),
    high: bytes(from.memoryHigh),
    max: bytes(from.memoryMax),
    swapMax: bytes(from.swapMax),
    oomGroup: from.oomGroup,
  });
  const limits = anyGiven({ memory, pidsMax: from.pidsMax });
  return anyGiven({ limits, privnet: from.privnet, idmap: from.idmap });
}
