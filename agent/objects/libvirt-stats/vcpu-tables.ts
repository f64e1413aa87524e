import type { Domain, Instant } from '../../emulation/domain/domain.ts';
import type { Host } from '../../emulation/host/host.ts';
import { type Machine, readCounter } from '../../emulation/machine/machine.ts';
import type { EmulatorProcess } from '../../emulation/process/emulator-process.ts';
import { isParavirtual } from '../../emulation/process/process-config.ts';
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

const VCPUS = severalForEach(
  ({ process }) => process?.places.vcpus.length ?? 0,
  (domain, number): VcpuRow => {
    const process = domain.process!;
    const { machine, places } = process;
    return { domain, time: domain.time, process, machine, number, counters: places.vcpus[number]!.counters };
  },
  ({ number }) => number,
);

function reading(read: Read): (row: VcpuRow) => number {
  return ({ machine, process, number, time }) => read(machine, process.places, number, time.nowMs);
}

function field(name: VcpuField): (row: VcpuRow) => number {
  const at = VCPU_FIELDS[name];
  return ({ machine, counters, time }) => readCounter(machine, counters + at, time.nowMs);
}

/** lvsVcpuTable: what each vCPU of each active guest did; containers have none. */
export function vcpuTable(host: Host): TableBinding<VcpuRow> {
  const rows = new GuestRows(host.domains, VCPUS);
  const planned = (has: (plan: VcpuPlan) => boolean) => rows.whereGuest(({ process }) => has(process!.plan));
  const onQuota = planned(({ periodMs }) => periodMs !== 0);
  const onYields = planned(({ pauseLoop }) => pauseLoop?.onExit === 'directed-yield');
  const onPolls = planned(({ haltPoll }) => haltPoll.haltPollNs !== 0);
  return {
    rows,
    columnRows: {
      lvsVcpuPeriods: onQuota,
      lvsVcpuThrottledPeriods: onQuota,
      lvsVcpuThrottledTime: onQuota,
      lvsVcpuPauseExits: planned(({ pauseLoop }) => pauseLoop !== undefined),
      lvsVcpuYieldsAttempted: onYields,
      lvsVcpuYieldsSuccessful: onYields,
      lvsVcpuHaltPolls: onPolls,
      lvsVcpuHaltPollsSuccessful: onPolls,
      lvsVcpuHaltPollSuccessTime: onPolls,
      lvsVcpuHaltPollFailTime: onPolls,
    },
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
      lvsVcpuPeriods: field('periods'),
      lvsVcpuThrottledPeriods: field('throttledPeriods'),
      lvsVcpuThrottledTime: field('throttled'),
      lvsVcpuExits: reading(readAllExits),
      lvsVcpuIoExits: field('ioExits'),
      lvsVcpuMmioExits: field('mmioExits'),
      lvsVcpuIrqExits: reading(readIrqExits),
      lvsVcpuHaltExits: field('haltExits'),
      lvsVcpuIrqWindowExits: reading(readIrqWindowExits),
      // Each NMI needs an exit that opens the window for it.
      lvsVcpuNmiWindowExits: field('nmiInjections'),
      lvsVcpuPauseExits: field('pauseExits'),
      lvsVcpuYieldsAttempted: field('pauseYieldsAttempted'),
      lvsVcpuYieldsSuccessful: field('pauseYieldsSuccessful'),
      lvsVcpuIrqInjections: field('irqInjections'),
      lvsVcpuNmiInjections: field('nmiInjections'),
      lvsVcpuHaltPolls: field('haltAttemptedPoll'),
      lvsVcpuHaltPollsSuccessful: field('haltSuccessfulPoll'),
      lvsVcpuHaltPollSuccessTime: field('haltPollSuccess'),
      lvsVcpuHaltPollFailTime: reading(readPollFail),
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
  const rows = new GuestRows(host.domains, VCPUS).whereGuest(({ config }) => config.type === 'xen');
  const stolen = reading(readStolen);
  const clock = (which: 'unstolen' | 'system') =>
    reading((machine, places, vcpu, nowMs) => readSchedClock(machine, places, vcpu, which, nowMs));
  return {
    rows,
    columnRows: {
      lvsXenPostedTicks: rows.whereGuest(({ config }) => isParavirtual(config)),
    },
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
      lvsXenPostedTicks: (row) => postedSteal(stolen(row), GUEST_TICK_NS) / GUEST_TICK_NS,
      lvsXenUnstolenClock: clock('unstolen'),
      lvsXenSystemClock: clock('system'),
    },
  };
}
