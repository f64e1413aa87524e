import type { DiskPlace } from '../block/disk-places.ts';
import { type DiskField, readDisk } from '../block/disk-read.ts';
import { SPAN_MS } from '../machine/layout.ts';
import { type Machine, readCounter } from '../machine/machine.ts';
import type { ContainerPlan } from './container-config.ts';
import { currentMemory } from './container-memory.ts';
import { CONTAINER, CONTAINER_STATE, type ContainerPlace } from './container-places.ts';

/** Counters of a container by cgroup v2's names; times in ns, memory in pages of 4 KiB. */
export const CONTAINER_FIELDS = {
  'cpu.usage': CONTAINER.USAGE,
  'cpu.user': CONTAINER.USER,
  'cpu.nr_periods': CONTAINER.PERIODS,
  'cpu.nr_throttled': CONTAINER.THROTTLED_PERIODS,
  'cpu.throttled': CONTAINER.THROTTLED,
  'memory.low': CONTAINER.EVENT_LOW,
  'memory.high': CONTAINER.EVENT_HIGH,
  'memory.max': CONTAINER.EVENT_MAX,
  'memory.oom': CONTAINER.EVENT_OOM,
  'memory.oom_kill': CONTAINER.EVENT_OOM_KILL,
  'memory.pgsteal': CONTAINER.STOLEN,
  'memory.pswpout': CONTAINER.SWAPPED_OUT,
  'memory.pswpin': CONTAINER.SWAPPED_IN,
  'pids.max': CONTAINER.PIDS_MAX,
} as const;
/** A name of {@link CONTAINER_FIELDS}. */
export type ContainerCounter = keyof typeof CONTAINER_FIELDS;

/** What a container has at the moment; bytes and processes. */
export const CONTAINER_GAUGES = {
  'memory.anon': CONTAINER_STATE.ANON,
  'memory.file': CONTAINER_STATE.CACHE,
  'memory.swap.current': CONTAINER_STATE.SWAP,
  'memory.peak': CONTAINER_STATE.PEAK,
  'pids.current': CONTAINER_STATE.PIDS,
} as const;
/** A name of {@link CONTAINER_GAUGES}. */
export type ContainerGauge = keyof typeof CONTAINER_GAUGES;

/** Reads one counter at an instant. */
export function readContainer(
  machine: Machine,
  { part }: ContainerPlace,
  field: ContainerCounter,
  nowMs: number,
): number {
  return readCounter(machine, part.counters + CONTAINER_FIELDS[field], nowMs);
}

/** CPU time in ns that the kernel used for the container: usage = user + system. */
export function readSystemTime(machine: Machine, place: ContainerPlace, nowMs: number): number {
  return readContainer(machine, place, 'cpu.usage', nowMs) - readContainer(machine, place, 'cpu.user', nowMs);
}

/** What a container gets in the present tick of the CPU time that its processes want, 0 to 1. */
export function readContainerShare({ numbers }: Machine, { part, counterCount }: ContainerPlace): number {
  const wanted = numbers[part.state + CONTAINER_STATE.WANTED]! * numbers[SPAN_MS]!;
  return wanted === 0 ? 1 : Math.min(1, numbers[part.counters + counterCount + CONTAINER.USAGE]! / wanted);
}

/** Reads one gauge, as of the present tick. */
export function readContainerGauge(
  { numbers }: Machine,
  { part }: ContainerPlace,
  gauge: ContainerGauge,
): number {
  return numbers[part.state + CONTAINER_GAUGES[gauge]]!;
}

/** memory.current in bytes, as of the present tick. */
export function readMemoryCurrent(
  { numbers }: Machine,
  { part }: ContainerPlace,
  plan: ContainerPlan,
): number {
  return currentMemory(numbers, part.state, plan);
}

/** One device of a container: its number, such as 253:0, and its place as a disk. */
export interface ContainerDevice {
  readonly number: string;
  readonly place: DiskPlace;
}

/** What the cgroup file system of a container shows. */
export interface CgroupView {
  readonly machine: Machine;
  readonly place: ContainerPlace;
  readonly plan: ContainerPlan;
  readonly devices: readonly ContainerDevice[];
  /** Held by the freezer. */
  readonly frozen: boolean;
  readonly nowMs: number;
}

/** The files of a container's cgroup with their content, by name: of version 1 or 2 as its host's era has it. */
export function cgroupFiles(view: CgroupView): ReadonlyMap<string, string> {
  return new Map(view.plan.profile === 'modern' ? versionTwo(view) : versionOne(view));
}

/** Lines of names and numbers, as the kernel writes them. */
function table(rows: readonly (readonly [string, number])[]): string {
  return rows.map(([name, value]) => `${name} ${value}\n`).join('');
}

function limit(value: number): string {
  return Number.isFinite(value) ? `${value}\n` : 'max\n';
}

function* versionTwo({
  machine,
  place,
  plan,
  devices,
  frozen,
  nowMs,
}: CgroupView): Iterable<[string, string]> {
  const count = (field: ContainerCounter) => readContainer(machine, place, field, nowMs);
  const gauge = (name: ContainerGauge) => readContainerGauge(machine, place, name);
  const { cpu, memory, pidsMax } = plan.limits;
  const user = Math.floor(count('cpu.user') / 1000);
  const system = Math.floor(readSystemTime(machine, place, nowMs) / 1000);
  yield [
    'cpu.stat',
    table([
      ['usage_usec', user + system],
      ['user_usec', user],
      ['system_usec', system],
      ['nr_periods', count('cpu.nr_periods')],
      ['nr_throttled', count('cpu.nr_throttled')],
      ['throttled_usec', Math.floor(count('cpu.throttled') / 1000)],
    ]),
  ];
  yield ['cpu.weight', `${cpu.shares}\n`];
  yield ['cpu.max', `${cpu.quotaUs < 0 ? 'max' : cpu.quotaUs} ${cpu.periodUs}\n`];
  yield ['memory.current', `${readMemoryCurrent(machine, place, plan)}\n`];
  yield ['memory.min', limit(memory.min)];
  yield ['memory.low', limit(memory.low)];
  yield ['memory.high', limit(memory.high)];
  yield ['memory.max', limit(memory.max)];
  yield ['memory.swap.current', `${gauge('memory.swap.current')}\n`];
  yield ['memory.swap.max', limit(memory.swapMax)];
  yield ['memory.oom.group', memory.oomGroup ? '1\n' : '0\n'];
  const events = (['low', 'high', 'max', 'oom', 'oom_kill'] as const).map((name): [string, number] => [
    name,
    count(`memory.${name}`),
  ]);
  yield ['memory.events', table(events)];
  yield [
    'memory.stat',
    table([
      ['anon', gauge('memory.anon')],
      ['file', gauge('memory.file')],
    ]),
  ];
  yield ['pids.current', `${gauge('pids.current')}\n`];
  yield ['pids.max', limit(pidsMax)];
  yield ['pids.events', table([['max', count('pids.max')]])];
  const io = (each: ContainerDevice, field: DiskField) => readDisk(machine, each.place, field, nowMs);
  yield [
    'io.stat',
    devices
      .map(
        (each) =>
          `${each.number} rbytes=${io(each, 'rd.bytes')} wbytes=${io(each, 'wr.bytes')} ` +
          `rios=${io(each, 'rd.reqs')} wios=${io(each, 'wr.reqs')} dbytes=0 dios=0\n`,
      )
      .join(''),
  ];
  yield ['cgroup.freeze', frozen ? '1\n' : '0\n'];
  yield [
    'cgroup.events',
    table([
      ['populated', gauge('pids.current') > 0 ? 1 : 0],
      ['frozen', frozen ? 1 : 0],
    ]),
  ];
}

/** What cgroup v1 shows for a limit that is not set. */
const UNLIMITED = '9223372036854771712\n';
/** ns of one tick of USER_HZ. */
const USER_HZ_NS = 10_000_000;

function* versionOne({
  machine,
  place,
  plan,
  devices,
  frozen,
  nowMs,
}: CgroupView): Iterable<[string, string]> {
  const count = (field: ContainerCounter) => readContainer(machine, place, field, nowMs);
  const gauge = (name: ContainerGauge) => readContainerGauge(machine, place, name);
  const bytes = (value: number) => (Number.isFinite(value) ? `${value}\n` : UNLIMITED);
  const { cpu, memory } = plan.limits;
  const current = readMemoryCurrent(machine, place, plan);
  yield ['cpuacct.usage', `${count('cpu.usage')}\n`];
  yield [
    'cpuacct.stat',
    table([
      ['user', Math.floor(count('cpu.user') / USER_HZ_NS)],
      ['system', Math.floor(readSystemTime(machine, place, nowMs) / USER_HZ_NS)],
    ]),
  ];
  yield ['cpu.shares', `${cpu.shares}\n`];
  yield ['cpu.cfs_period_us', `${cpu.periodUs}\n`];
  yield ['cpu.cfs_quota_us', `${cpu.quotaUs < 0 ? -1 : cpu.quotaUs}\n`];
  yield [
    'cpu.stat',
    table([
      ['nr_periods', count('cpu.nr_periods')],
      ['nr_throttled', count('cpu.nr_throttled')],
      ['throttled_time', count('cpu.throttled')],
    ]),
  ];
  yield ['memory.usage_in_bytes', `${current}\n`];
  yield ['memory.max_usage_in_bytes', `${gauge('memory.peak')}\n`];
  yield ['memory.limit_in_bytes', bytes(memory.max)];
  yield ['memory.soft_limit_in_bytes', memory.low === 0 ? UNLIMITED : bytes(memory.low)];
  yield ['memory.failcnt', `${count('memory.max')}\n`];
  yield ['memory.memsw.usage_in_bytes', `${current + gauge('memory.swap.current')}\n`];
  yield ['memory.memsw.limit_in_bytes', bytes(memory.max + memory.swapMax)];
  yield [
    'memory.oom_control',
    table([
      ['oom_kill_disable', 0],
      ['under_oom', 0],
    ]),
  ];
  yield [
    'memory.stat',
    table([
      ['cache', gauge('memory.file')],
      ['rss', gauge('memory.anon')],
      ['swap', gauge('memory.swap.current')],
    ]),
  ];
  yield ['freezer.state', frozen ? 'FROZEN\n' : 'THAWED\n'];
  const io = (each: ContainerDevice, field: DiskField) => readDisk(machine, each.place, field, nowMs);
  const blkio = (read: DiskField, write: DiskField) =>
    devices
      .map((each) => `${each.number} Read ${io(each, read)}\n${each.number} Write ${io(each, write)}\n`)
      .join('');
  yield ['blkio.throttle.io_service_bytes', blkio('rd.bytes', 'wr.bytes')];
  yield ['blkio.throttle.io_serviced', blkio('rd.reqs', 'wr.reqs')];
}
