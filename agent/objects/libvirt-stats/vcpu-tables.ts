import type { Domain, Instant } from '../../emulation/domain.ts';
import type { EmulatorProcess } from '../../emulation/emulator-process.ts';
import type { Host } from '../../emulation/host.ts';
import { type Machine, readCounter } from '../../emulation/machine/machine.ts';
import { isParavirtual } from '../../emulation/process-config.ts';
import type { VcpuPlaces } from '../../emulation/vcpu/vcpu-places.ts';
import type { VcpuPlan } from '../../emulation/vcpu/vcpu-plan.ts';
import {
  readAllExits,
  readBlocked,
  readIrqExits,
  readIrqWindowExits,
  readOffline,
  readPollFail,
  readSteal,
  readThreadTime,
  readWanted,
  VCPU_FIELDS,
  type VcpuField,
} from '../../emulation/vcpu/vcpu-read.ts';
import { postedSteal, readSchedClock, readStolen } from '../../emulation/xen/xen-time.ts';
import type { TableBinding } from '../../mib/module.ts';
import { GuestRows, severalForEach } from '../guest-rows.ts';
import { numberList } from './convert.ts';

const OFFLINE = 0;
const RUNNING = 1;
const BLOCKED = 2;
/** A guest's own timer ticks 100 times a second. */
const GUEST_TICK_NS = 10_000_000;
const XEN_STATE = { running: 0, blocked: 2, offline: 3 } as const;

/** One vCPU of an active guest. */
interface VcpuRow {
  readonly domain: Domain;
  readonly time: Instant;
  readonly process: EmulatorProcess;
  readonly machine: Machine;
  readonly number: number;
  /** Where its counters begin. */
  readonly counters: number;
}

/** How a time or count of a vCPU is read at an instant. */
type Read = (machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number) => number;

function rowsOf(host: Host, has: (domain: Domain) => boolean): GuestRows<VcpuRow> {
  const part = severalForEach(
    (domain) => (has(domain) ? (domain.process?.places.vcpus.length ?? 0) : 0),
    (domain, number): VcpuRow => {
      const process = domain.process!;
      const { machine, places } = process;
      return {
        domain,
        time: domain.time,
        process,
        machine,
        number,
        counters: places.vcpus[number]!.counters,
      };
    },
  );
  return new GuestRows(host.domains, part);
}

function reading(read: Read): (row: VcpuRow) => number {
  return ({ machine, process, number, time }) => read(machine, process.places, number, time.nowMs);
}

function field(name: VcpuField): (row: VcpuRow) => number {
  const at = VCPU_FIELDS[name];
  return ({ machine, counters, time }) => readCounter(machine, counters + at, time.nowMs);
}

/** lvsVcpuTable: what each vCPU of each active guest did; containers have none. */
export function vcpuTable(host: Host): TableBinding<VcpuRow> {
  const when = (has: (plan: VcpuPlan) => boolean, read: (row: VcpuRow) => number) => (row: VcpuRow) =>
    has(row.process.plan) ? read(row) : undefined;
  const onQuota = (name: VcpuField) => when(({ periodMs }) => periodMs !== 0, field(name));
  const onPauses = (name: VcpuField) => when(({ pauseLoop }) => pauseLoop !== undefined, field(name));
  const onYields = (name: VcpuField) =>
    when(({ pauseLoop }) => pauseLoop?.onExit === 'directed-yield', field(name));
  const onPolls = (read: (row: VcpuRow) => number) => when(({ haltPoll }) => haltPoll.haltPollNs !== 0, read);
  return {
    rows: rowsOf(host, () => true),
    columns: {
      lvsVcpuState: stateOf,
      lvsVcpuAffinity: ({ domain, number }) => numberList(domain.config.cputune?.vcpupin?.[number] ?? []),
      lvsVcpuTime: reading(readThreadTime),
      lvsVcpuRunTime: field('running'),
      lvsVcpuStealTime: reading(readSteal),
      lvsVcpuBlockedTime: reading(readBlocked),
      lvsVcpuOfflineTime: reading(readOffline),
      lvsVcpuSpinTime: field('spin'),
      lvsVcpuWorkTime: field('work'),
      lvsVcpuPreemptions: field('preemptions'),
      lvsVcpuPeriods: onQuota('periods'),
      lvsVcpuThrottledPeriods: onQuota('throttledPeriods'),
      lvsVcpuThrottledTime: onQuota('throttled'),
      lvsVcpuExits: reading(readAllExits),
      lvsVcpuIoExits: field('ioExits'),
      lvsVcpuMmioExits: field('mmioExits'),
      lvsVcpuIrqExits: reading(readIrqExits),
      lvsVcpuHaltExits: field('haltExits'),
      lvsVcpuIrqWindowExits: reading(readIrqWindowExits),
      // Each NMI needs an exit that opens the window for it.
      lvsVcpuNmiWindowExits: field('nmiInjections'),
      lvsVcpuPauseExits: onPauses('pauseExits'),
      lvsVcpuYieldsAttempted: onYields('pauseYieldsAttempted'),
      lvsVcpuYieldsSuccessful: onYields('pauseYieldsSuccessful'),
      lvsVcpuIrqInjections: field('irqInjections'),
      lvsVcpuNmiInjections: field('nmiInjections'),
      lvsVcpuHaltPolls: onPolls(field('haltAttemptedPoll')),
      lvsVcpuHaltPollsSuccessful: onPolls(field('haltSuccessfulPoll')),
      lvsVcpuHaltPollSuccessTime: onPolls(field('haltPollSuccess')),
      lvsVcpuHaltPollFailTime: onPolls(reading(readPollFail)),
    },
  };
}

function stateOf(row: VcpuRow): number {
  const { process, machine, number } = row;
  if (!isOnline(row)) return OFFLINE;
  return process.place >= 0 && readWanted(machine, process.places, number) > 0 ? RUNNING : BLOCKED;
}

/** Whether it is plugged in. */
function isOnline({ process, number }: VcpuRow): boolean {
  return number < process.vcpus;
}

/** lvsXenTable: the runstates and clocks of vCPUs under Xen. */
export function xenTable(host: Host): TableBinding<VcpuRow> {
  const stolen = reading(readStolen);
  const clock = (which: 'unstolen' | 'system') =>
    reading((machine, places, vcpu, nowMs) => readSchedClock(machine, places, vcpu, which, nowMs));
  return {
    rows: rowsOf(host, ({ config }) => config.type === 'xen'),
    columns: {
      lvsXenState: (row) => {
        if (row.process.place < 0 || !isOnline(row)) return XEN_STATE.offline;
        return stateOf(row) === RUNNING ? XEN_STATE.running : XEN_STATE.blocked;
      },
      lvsXenRunningTime: field('running'),
      lvsXenRunnableTime: reading(readSteal),
      lvsXenBlockedTime: reading(readBlocked),
      lvsXenOfflineTime: reading(readOffline),
      lvsXenStolenTime: stolen,
      lvsXenPostedTicks: (row) =>
        isParavirtual(row.domain.config)
          ? postedSteal(stolen(row), GUEST_TICK_NS) / GUEST_TICK_NS
          : undefined,
      lvsXenUnstolenClock: clock('unstolen'),
      lvsXenSystemClock: clock('system'),
    },
  };
}
