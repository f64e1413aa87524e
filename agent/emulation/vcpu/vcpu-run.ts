import { wordNoise } from '../../util/random.ts';
import { SPAN_MS } from '../machine/layout.ts';
import type { SlicePolicy } from './cfs.ts';
import { exitsOfRun, WINDOW_SHARE } from './exits.ts';
import type { HostCpu } from './host-cpu.ts';
import {
  type Pressure,
  pauseExitsPerNs,
  plainSpin,
  pressureOf,
  shortSpin,
  spinExits,
  yieldFindChance,
} from './spin.ts';
import { groupDemand, type VcpuInput } from './vcpu.ts';
import { FULL, type WorkConfig } from './vcpu-config.ts';
import type { VcpuPlaces } from './vcpu-places.ts';
import * as numbering from './vcpu-places.ts';
import type { ThreadGroup, VcpuPlan } from './vcpu-plan.ts';

// Constants of this module: V8 takes their fields for constants too, as it does not those of an import.
const { GUEST_CPU, GUEST_CPU_STATE, VCPU, VCPU_STATE } = numbering;

/** What sets the chance of the run apart from that of the demand. */
const RUN_DRAW = 0x51ed270b;

const NO_SLICES: SlicePolicy = { latencyNs: 0, minGranularityNs: 0, nrLatency: 0 };

/** What holds for all vCPUs of a guest in one run; reused, never kept. */
const now = {
  spanMs: 0,
  counterCount: 0,
  online: 0,
  pollShare: 0,
  spin: 0,
  short: 0,
  /** Pause exits behind preempted holders, per ns of useful run time. */
  pauses: 0,
  found: 0,
};

/** The latest pressure, and what it was made of: nearly always that of the next guest too. */
let pressure: Pressure = pressureOf(NO_SLICES, 0);
let pressureSlices = NO_SLICES;

/**
 * Last pass of a tick: takes what the host shared out, and plans what each counter grows by.
 *
 * `lateMs` is the present time for a guest that starts in the middle of a tick: it gets what is left over.
 */
export function runVcpus(
  numbers: Float64Array,
  places: VcpuPlaces,
  plan: VcpuPlan,
  work: WorkConfig,
  input: VcpuInput,
  host: HostCpu,
  lateMs?: number,
): void {
  const guest = places.guest.state;
  now.spanMs = numbers[SPAN_MS]!;
  now.counterCount = places.counterCount;
  now.online = numbers[guest + GUEST_CPU_STATE.ONLINE_VCPUS]!;
  let ratio = 0;
  for (let g = 0; g < plan.groups.length; g++) {
    const group = plan.groups[g]!;
    const demand = groupDemand(numbers, places, group);
    const granted =
      lateMs === undefined
        ? host.take(group.pool, demand, group.weight)
        : host.takeLate(group.pool, demand, lateMs);
    now.pollShare = lateMs === undefined ? host.pollShare(group.pool) : 0;
    contend(numbers, places, plan, work, host.runnablePerCpu(group.pool));
    ratio = Math.max(ratio, now.spin + now.pauses * plan.exitNs);
    runGroup(numbers, places, plan, input, host, group, demand, granted);
  }
  numbers[guest + GUEST_CPU_STATE.SPIN_RATIO] = ratio;
  planTime(numbers, places);
}

/** What all threads of the guest run and poll together. */
function planTime(numbers: Float64Array, places: VcpuPlaces): void {
  const growths = places.guest.counters + now.counterCount;
  let time = numbers[growths + GUEST_CPU.EMULATOR_RUN]!;
  for (let vcpu = 0; vcpu < now.online; vcpu++) {
    const at = places.vcpus[vcpu]!.counters + now.counterCount;
    time += numbers[at + VCPU.RUN]! + numbers[at + VCPU.POLL]!;
  }
  numbers[growths + GUEST_CPU.TIME] = time;
}

/** Works out what waiting for locks costs with so many runnable tasks for each pCPU. */
function contend(
  numbers: Float64Array,
  places: VcpuPlaces,
  plan: VcpuPlan,
  work: WorkConfig,
  runnable: number,
): void {
  if (pressure.runnable !== runnable || pressureSlices !== plan.slices) {
    pressureSlices = plan.slices;
    pressure = pressureOf(plan.slices, runnable);
  }
  now.spin = 0;
  now.short = 0;
  now.pauses = 0;
  now.found = 0;
  if (work.lockShare === 0 || now.online < 2) return;
  let wanted = 0;
  let wanting = 0;
  for (let vcpu = 0; vcpu < now.online; vcpu++) {
    const each = numbers[places.vcpus[vcpu]!.state + VCPU_STATE.WANTED]!;
    wanted += each;
    if (each > 0) wanting++;
  }
  if (wanting < 2) return;
  const siblings = (wanted / FULL) * (1 - 1 / wanting);
  const { lockShare } = work;
  const { pauseLoop, exitNs } = plan;
  now.short = shortSpin(lockShare, siblings);
  if (pauseLoop === undefined) {
    now.spin = now.short + plainSpin(lockShare, siblings, pressure);
    return;
  }
  now.pauses = pauseExitsPerNs(pauseLoop, exitNs, lockShare, siblings, pressure);
  now.spin = now.short + now.pauses * pauseLoop.windowNs;
  now.found = pauseLoop.onExit === 'sleep' ? 0 : yieldFindChance(siblings, pressure);
}

/** Deals what a group got out to its threads, which weigh the same. */
function runGroup(
  numbers: Float64Array,
  places: VcpuPlaces,
  plan: VcpuPlan,
  input: VcpuInput,
  host: HostCpu,
  group: ThreadGroup,
  demand: number,
  granted: number,
): void {
  const level = granted === demand ? demand : threadLevel(numbers, places, group, granted);
  let rest = 0;
  if (granted !== demand) {
    rest = granted - sumAt(numbers, places, group, level);
  }
  if (group.emulator) {
    const wanted = numbers[places.guest.state + GUEST_CPU_STATE.EMULATOR]!;
    const run = wanted <= level ? wanted : level + (rest-- > 0 ? 1 : 0);
    const at = places.guest.counters + now.counterCount;
    numbers[at + GUEST_CPU.EMULATOR_READY] = wanted * now.spanMs;
    numbers[at + GUEST_CPU.EMULATOR_RUN] = run * now.spanMs;
  }
  let polling = 0;
  for (let i = 0; i < group.vcpus.length; i++) {
    const vcpu = group.vcpus[i]!;
    if (vcpu >= now.online) break;
    const wanted = numbers[places.vcpus[vcpu]!.state + VCPU_STATE.DEMAND]!;
    const run = wanted <= level ? wanted : level + (rest-- > 0 ? 1 : 0);
    polling += runVcpu(numbers, places, plan, input, vcpu, run);
  }
  if (polling > 0) host.takePolling(group.pool, polling);
}

/** The whole rate at which threads that want more are held, so that together they run at most `granted`. */
function threadLevel(numbers: Float64Array, places: VcpuPlaces, group: ThreadGroup, granted: number): number {
  let level = 0;
  for (;;) {
    let left = granted;
    let count = 0;
    const emulator = group.emulator ? numbers[places.guest.state + GUEST_CPU_STATE.EMULATOR]! : 0;
    if (emulator <= level) left -= emulator;
    else count++;
    for (let i = 0; i < group.vcpus.length && group.vcpus[i]! < now.online; i++) {
      const demand = numbers[places.vcpus[group.vcpus[i]!]!.state + VCPU_STATE.DEMAND]!;
      if (demand <= level) left -= demand;
      else count++;
    }
    const next = count === 0 ? level : Math.floor(left / count);
    if (next <= level) return level;
    level = next;
  }
}

function sumAt(numbers: Float64Array, places: VcpuPlaces, group: ThreadGroup, level: number): number {
  let sum = group.emulator ? Math.min(level, numbers[places.guest.state + GUEST_CPU_STATE.EMULATOR]!) : 0;
  for (let i = 0; i < group.vcpus.length && group.vcpus[i]! < now.online; i++) {
    sum += Math.min(level, numbers[places.vcpus[group.vcpus[i]!]!.state + VCPU_STATE.DEMAND]!);
  }
  return sum;
}

/** Plans one vCPU that runs `run` ns per ms; returns what it polls, in ns per ms. */
function runVcpu(
  numbers: Float64Array,
  places: VcpuPlaces,
  plan: VcpuPlan,
  input: VcpuInput,
  vcpu: number,
  run: number,
): number {
  const { spanMs, online } = now;
  const part = places.vcpus[vcpu]!;
  const state = part.state;
  const at = part.counters + now.counterCount;
  const wanted = numbers[state + VCPU_STATE.WANTED]!;
  const chance = wordNoise(input.low ^ RUN_DRAW, input.high ^ vcpu, input.tick);
  const runNs = run * spanMs;
  numbers[at + VCPU.ONLINE] = FULL * spanMs;
  numbers[at + VCPU.READY] = wanted * spanMs;
  numbers[at + VCPU.RUN] = runNs;
  if (plan.periodMs > 0 && wanted > 0) throttle(numbers, state, at, plan, wanted, run);
  const preemptions = pressure.preemptionsPerNs * runNs;
  numbers[at + VCPU.PREEMPTIONS] = Math.floor(preemptions + chance);

  const idle = FULL - wanted;
  const guest = places.guest.state;
  const halts = (numbers[guest + GUEST_CPU_STATE.WAKEUPS]! * (idle / FULL) * spanMs) / 1000;
  const wholeHalts = Math.floor(halts + chance);
  const polled = halts * numbers[guest + GUEST_CPU_STATE.POLLED]!;
  const hits = numbers[guest + GUEST_CPU_STATE.POLL_HITS]!;
  let polling = 0;
  if (polled > 0) {
    const attempted = Math.floor(polled + chance);
    numbers[at + VCPU.POLLS_ATTEMPTED] = attempted;
    const wantedPolling = Math.floor(idle * numbers[guest + GUEST_CPU_STATE.POLLED]! * hits);
    polling = Math.floor(wantedPolling * now.pollShare);
    if (polling > 0) {
      numbers[at + VCPU.POLLS_SUCCESSFUL] = Math.floor(polled * hits * now.pollShare + chance);
      numbers[at + VCPU.POLL] = polling * spanMs;
      numbers[at + VCPU.POLL_SUCCESS] =
        Math.floor(polling * numbers[guest + GUEST_CPU_STATE.POLL_HIT_TIME]!) * spanMs;
    }
  }

  const injections = Math.floor((numbers[guest + GUEST_CPU_STATE.WAKEUPS]! * spanMs) / 1000 + chance);
  const io = portion(input.ioExits, online, vcpu);
  const mmio = portion(input.mmioExits, online, vcpu);
  numbers[at + VCPU.HALT_EXITS] = wholeHalts;
  numbers[at + VCPU.IRQ_INJECTIONS] = injections;
  numbers[at + VCPU.IO_EXITS] = io;
  numbers[at + VCPU.MMIO_EXITS] = mmio;

  let useful = runNs / (1 + now.spin + now.pauses * plan.exitNs);
  if (now.spin > 0) {
    numbers[at + VCPU.SPIN] = Math.floor(useful * now.spin);
    if (plan.pauseLoop !== undefined) spinOut(numbers, state, at, plan, useful, halts + preemptions, chance);
  }
  const exits = 2 * halts + io + mmio + WINDOW_SHARE * injections + exitsOfRun(plan.tickHz, runNs);
  useful -= exits * plan.exitNs;
  if (useful > 0) numbers[at + VCPU.WORK] = Math.floor(useful / input.slowdown);
  return polling;
}

/** CFS bandwidth control: every period of a vCPU that wants more than its quota ends throttled. */
function throttle(
  numbers: Float64Array,
  state: number,
  at: number,
  plan: VcpuPlan,
  wanted: number,
  run: number,
): void {
  const periods = numbers[state + VCPU_STATE.PERIOD_PART]! + now.spanMs / plan.periodMs;
  const whole = Math.floor(periods);
  numbers[state + VCPU_STATE.PERIOD_PART] = periods - whole;
  numbers[at + VCPU.PERIODS] = whole;
  if (wanted <= plan.limit || run < plan.limit) return;
  numbers[at + VCPU.THROTTLED_PERIODS] = whole;
  numbers[at + VCPU.THROTTLED] = (wanted - plan.limit) * now.spanMs;
}

/** Pause exits, and the yields that follow them. `scheduledIn` counts in this tick, with a fraction. */
function spinOut(
  numbers: Float64Array,
  state: number,
  at: number,
  plan: VcpuPlan,
  useful: number,
  scheduledIn: number,
  chance: number,
): void {
  const loop = plan.pauseLoop!;
  const short = useful * now.short;
  const spun = numbers[state + VCPU_STATE.SPUN]!;
  let quiet: number;
  if (loop.resets && scheduledIn >= 1) {
    quiet = scheduledIn * spinExits(loop, short / scheduledIn);
    numbers[state + VCPU_STATE.SPUN] = 0;
  } else {
    quiet = Math.floor(spinExits(loop, spun + short)) - Math.floor(spinExits(loop, spun));
    numbers[state + VCPU_STATE.SPUN] = loop.resets && chance < scheduledIn ? 0 : spun + short;
  }
  const behindPreempted = useful * now.pauses;
  const exits = Math.floor(quiet + behindPreempted + chance);
  numbers[at + VCPU.PAUSE_EXITS] = exits;
  if (loop.onExit === 'sleep') return;
  numbers[at + VCPU.YIELDS_ATTEMPTED] = exits;
  numbers[at + VCPU.YIELDS_SUCCESSFUL] =
    now.found === 0 ? 0 : Math.min(exits, Math.floor(behindPreempted * now.found + chance));
}

/** One vCPU's part of a whole number that is dealt out to all. */
function portion(total: number, online: number, vcpu: number): number {
  if (total === 0) return 0;
  return Math.floor((total * (vcpu + 1)) / online) - Math.floor((total * vcpu) / online);
}
