import { type Machine, readCounter } from '../machine/machine.ts';
import { irqExits, irqWindowExits, otherExits } from './exits.ts';
import { GUEST_CPU, GUEST_CPU_STATE, VCPU, VCPU_STATE, type VcpuPlaces } from './vcpu-places.ts';

const NS_PER_MS = 1_000_000;

/** What can be read of a vCPU; times in ns, all of them since its guest's emulator process began. */
export const VCPU_FIELDS = {
  /** Time on a pCPU, in the guest. */
  running: VCPU.RUN,
  /** Time in the guest that was spent spinning for locks. */
  spin: VCPU.SPIN,
  /** Useful work, as the ns it takes at full speed with local memory. */
  work: VCPU.WORK,
  /** halt_poll_success_ns. */
  haltPollSuccess: VCPU.POLL_SUCCESS,
  /** halt_attempted_poll. */
  haltAttemptedPoll: VCPU.POLLS_ATTEMPTED,
  /** halt_successful_poll. */
  haltSuccessfulPoll: VCPU.POLLS_SUCCESSFUL,
  /** nr_periods of its quota. */
  periods: VCPU.PERIODS,
  /** nr_throttled of its quota. */
  throttledPeriods: VCPU.THROTTLED_PERIODS,
  /** throttled_time of its quota. */
  throttled: VCPU.THROTTLED,
  /** Times that it lost its pCPU to another task. */
  preemptions: VCPU.PREEMPTIONS,
  /** io_exits: port I/O. */
  ioExits: VCPU.IO_EXITS,
  /** mmio_exits: emulated device memory. */
  mmioExits: VCPU.MMIO_EXITS,
  /** halt_exits: HLT. */
  haltExits: VCPU.HALT_EXITS,
  /** Exits of the pause-loop detector, for which kvm has no counter. */
  pauseExits: VCPU.PAUSE_EXITS,
  /** Directed yields tried after a pause exit; kvm's directed_yield_attempted counts others. */
  pauseYieldsAttempted: VCPU.YIELDS_ATTEMPTED,
  /** Directed yields that found a preempted sibling. */
  pauseYieldsSuccessful: VCPU.YIELDS_SUCCESSFUL,
  /** irq_injections. */
  irqInjections: VCPU.IRQ_INJECTIONS,
  /** nmi_injections. */
  nmiInjections: VCPU.NMI_INJECTIONS,
} as const;

/** A name of {@link VCPU_FIELDS}. */
export type VcpuField = keyof typeof VCPU_FIELDS;

/** Reads one field of a vCPU at an instant. */
export function readVcpu(
  machine: Machine,
  places: VcpuPlaces,
  vcpu: number,
  field: VcpuField,
  nowMs: number,
): number {
  return counterOf(machine, places, vcpu, VCPU_FIELDS[field], nowMs);
}

/** Steal in ns: it wanted to run and did not, be it for another task or for its quota. libvirt: delay, wait. */
export function readSteal(machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number): number {
  return (
    counterOf(machine, places, vcpu, VCPU.READY, nowMs) - counterOf(machine, places, vcpu, VCPU.RUN, nowMs)
  );
}

/** Time in ns that it had nothing to do. libvirt: halted. */
export function readBlocked(machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number): number {
  return (
    counterOf(machine, places, vcpu, VCPU.ONLINE, nowMs) - counterOf(machine, places, vcpu, VCPU.READY, nowMs)
  );
}

/** Time in ns that it could not run at all: the guest was paused, or the vCPU unplugged. */
export function readOffline(machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number): number {
  return readLifetime(machine, places, nowMs) - counterOf(machine, places, vcpu, VCPU.ONLINE, nowMs);
}

/** Time in ns since the guest's emulator process began. */
export function readLifetime({ numbers }: Machine, places: VcpuPlaces, nowMs: number): number {
  const createdMs = numbers[places.guest.state + GUEST_CPU_STATE.CREATED_MS]!;
  return Math.round((nowMs - createdMs) * NS_PER_MS);
}

/** CPU time in ns of the vCPU's thread as the host accounts for it, polling included. libvirt: vcpu.N.time. */
export function readThreadTime(machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number): number {
  return (
    counterOf(machine, places, vcpu, VCPU.RUN, nowMs) + counterOf(machine, places, vcpu, VCPU.POLL, nowMs)
  );
}

/** halt_poll_fail_ns: polling in ns after which the vCPU went to sleep all the same. */
export function readPollFail(machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number): number {
  return (
    counterOf(machine, places, vcpu, VCPU.POLL, nowMs) -
    counterOf(machine, places, vcpu, VCPU.POLL_SUCCESS, nowMs)
  );
}

/** Exits of a vCPU by kvm's counters, and all of them together. */
export interface VcpuExits {
  /** io_exits: port I/O. */
  readonly io: number;
  /** mmio_exits: emulated device memory. */
  readonly mmio: number;
  /** irq_exits: a host interrupt came while it ran. */
  readonly irq: number;
  /** halt_exits: HLT. */
  readonly halt: number;
  /** irq_window(_exits). */
  readonly irqWindow: number;
  /** nmi_window(_exits). */
  readonly nmiWindow: number;
  /** Exits of the pause-loop detector, for which kvm has no counter. */
  readonly pause: number;
  /** exits: the sum of the above and those without a counter. */
  readonly total: number;
}

/** Reads the exits of a vCPU at an instant. */
export function readExits(machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number): VcpuExits {
  const read = (counter: number): number => counterOf(machine, places, vcpu, counter, nowMs);
  return {
    io: read(VCPU.IO_EXITS),
    mmio: read(VCPU.MMIO_EXITS),
    irq: readIrqExits(machine, places, vcpu, nowMs),
    halt: read(VCPU.HALT_EXITS),
    irqWindow: readIrqWindowExits(machine, places, vcpu, nowMs),
    nmiWindow: read(VCPU.NMI_INJECTIONS),
    pause: read(VCPU.PAUSE_EXITS),
    total: readAllExits(machine, places, vcpu, nowMs),
  };
}

/** Reads irq_exits. */
export function readIrqExits(machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number): number {
  const tickHz = machine.numbers[places.guest.state + GUEST_CPU_STATE.TICK_HZ]!;
  return irqExits(tickHz, counterOf(machine, places, vcpu, VCPU.RUN, nowMs));
}

/** Reads irq_window(_exits). */
export function readIrqWindowExits(
  machine: Machine,
  places: VcpuPlaces,
  vcpu: number,
  nowMs: number,
): number {
  return irqWindowExits(counterOf(machine, places, vcpu, VCPU.IRQ_INJECTIONS, nowMs));
}

/** Reads the sum of all exits. */
export function readAllExits(machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number): number {
  const { counters } = places.vcpus[vcpu]!;
  const runNs = readCounter(machine, counters + VCPU.RUN, nowMs);
  const halts = readCounter(machine, counters + VCPU.HALT_EXITS, nowMs);
  return (
    readCounter(machine, counters + VCPU.IO_EXITS, nowMs) +
    readCounter(machine, counters + VCPU.MMIO_EXITS, nowMs) +
    readIrqExits(machine, places, vcpu, nowMs) +
    halts +
    readIrqWindowExits(machine, places, vcpu, nowMs) +
    readCounter(machine, counters + VCPU.NMI_INJECTIONS, nowMs) +
    readCounter(machine, counters + VCPU.PAUSE_EXITS, nowMs) +
    otherExits(runNs, halts)
  );
}

/** CPU time in ns of the emulator's and vhost's threads. */
export function readEmulatorTime(machine: Machine, places: VcpuPlaces, nowMs: number): number {
  return readCounter(machine, places.guest.counters + GUEST_CPU.EMULATOR_RUN, nowMs);
}

/** CPU time in ns of the whole guest as its cgroup counts it: vCPU threads and the emulator's. */
export function readGuestTime(machine: Machine, places: VcpuPlaces, nowMs: number): number {
  return readCounter(machine, places.guest.counters + GUEST_CPU.TIME, nowMs);
}

/** Share of its span that a vCPU wants to run, 0 to 1, as of the latest tick. */
export function readWanted({ numbers }: Machine, places: VcpuPlaces, vcpu: number): number {
  return numbers[places.vcpus[vcpu]!.state + VCPU_STATE.WANTED]! / NS_PER_MS;
}

/** An NMI reaches a vCPU: counted, and so is the exit that opens the window for it. */
export function injectNmi(numbers: Float64Array, places: VcpuPlaces, vcpu: number): void {
  const { counters } = places.vcpus[vcpu]!;
  numbers[counters + VCPU.NMI_INJECTIONS]! += 1;
}

function counterOf(
  machine: Machine,
  places: VcpuPlaces,
  vcpu: number,
  counter: number,
  nowMs: number,
): number {
  return readCounter(machine, places.vcpus[vcpu]!.counters + counter, nowMs);
}
