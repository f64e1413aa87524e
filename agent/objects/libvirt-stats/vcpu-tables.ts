import type { Domain } from '../../emulation/domain.ts';
import type { Host } from '../../emulation/host.ts';
import { isParavirtual } from '../../emulation/process-config.ts';
import type { VcpuExits, VcpuField } from '../../emulation/vcpu/vcpu-read.ts';
import { readWanted } from '../../emulation/vcpu/vcpu-read.ts';
import type { VcpuStatistics } from '../../emulation/vcpu-statistics.ts';
import { postedSteal, readSchedClock, readStolen } from '../../emulation/xen/xen-time.ts';
import type { TableBinding } from '../../mib/module.ts';
import { numberList } from './convert.ts';
import { GuestRows, severalForEach } from './rows.ts';

const OFFLINE = 0;
const RUNNING = 1;
const BLOCKED = 2;
/** A guest's own timer ticks 100 times a second. */
const GUEST_TICK_NS = 10_000_000;
const XEN_STATE = { running: 0, blocked: 2, offline: 3 } as const;

/** One vCPU of an active guest. */
interface VcpuRow {
  readonly domain: Domain;
  readonly number: number;
  readonly vcpu: VcpuStatistics;
}

function rowsOf(host: Host, has: (domain: Domain) => boolean): GuestRows<VcpuRow> {
  const part = severalForEach(
    (domain) => (has(domain) ? (domain.process?.places.vcpus.length ?? 0) : 0),
    (domain, number): VcpuRow => ({ domain, number, vcpu: domain.vcpu(number)! }),
  );
  return new GuestRows(host.domains, part);
}

/** lvsVcpuTable: what each vCPU of each active guest did; containers have none. */
export function vcpuTable(host: Host): TableBinding<VcpuRow> {
  const field = (name: VcpuField) => (row: VcpuRow) => row.vcpu.read(name);
  const exits = (name: keyof VcpuExits) => (row: VcpuRow) => row.vcpu.exits[name];
  const onQuota = (name: VcpuField) => (row: VcpuRow) =>
    row.domain.process!.plan.periodMs === 0 ? undefined : row.vcpu.read(name);
  const onPauses = (name: VcpuField) => (row: VcpuRow) =>
    row.domain.process!.plan.pauseLoop === undefined ? undefined : row.vcpu.read(name);
  const onYields = (name: VcpuField) => (row: VcpuRow) =>
    row.domain.process!.plan.pauseLoop?.onExit === 'directed-yield' ? row.vcpu.read(name) : undefined;
  const onPolls = (read: (vcpu: VcpuStatistics) => number) => (row: VcpuRow) =>
    row.domain.process!.plan.haltPoll.haltPollNs === 0 ? undefined : read(row.vcpu);
  return {
    rows: rowsOf(host, () => true),
    columns: {
      lvsVcpuState: stateOf,
      lvsVcpuAffinity: ({ domain, number }) => numberList(domain.config.cputune?.vcpupin?.[number] ?? []),
      lvsVcpuTime: ({ vcpu }) => vcpu.timeNs,
      lvsVcpuRunTime: field('running'),
      lvsVcpuStealTime: ({ vcpu }) => vcpu.stealNs,
      lvsVcpuBlockedTime: ({ vcpu }) => vcpu.blockedNs,
      lvsVcpuOfflineTime: ({ vcpu }) => vcpu.offlineNs,
      lvsVcpuSpinTime: field('spin'),
      lvsVcpuWorkTime: field('work'),
      lvsVcpuPreemptions: field('preemptions'),
      lvsVcpuPeriods: onQuota('periods'),
      lvsVcpuThrottledPeriods: onQuota('throttledPeriods'),
      lvsVcpuThrottledTime: onQuota('throttled'),
      lvsVcpuExits: exits('total'),
      lvsVcpuIoExits: field('ioExits'),
      lvsVcpuMmioExits: field('mmioExits'),
      lvsVcpuIrqExits: exits('irq'),
      lvsVcpuHaltExits: field('haltExits'),
      lvsVcpuIrqWindowExits: exits('irqWindow'),
      lvsVcpuNmiWindowExits: exits('nmiWindow'),
      lvsVcpuPauseExits: onPauses('pauseExits'),
      lvsVcpuYieldsAttempted: onYields('pauseYieldsAttempted'),
      lvsVcpuYieldsSuccessful: onYields('pauseYieldsSuccessful'),
      lvsVcpuIrqInjections: field('irqInjections'),
      lvsVcpuNmiInjections: field('nmiInjections'),
      lvsVcpuHaltPolls: onPolls((vcpu) => vcpu.read('haltAttemptedPoll')),
      lvsVcpuHaltPollsSuccessful: onPolls((vcpu) => vcpu.read('haltSuccessfulPoll')),
      lvsVcpuHaltPollSuccessTime: onPolls((vcpu) => vcpu.read('haltPollSuccess')),
      lvsVcpuHaltPollFailTime: onPolls((vcpu) => vcpu.haltPollFailNs),
    },
  };
}

function stateOf({ domain, number, vcpu }: VcpuRow): number {
  const process = domain.process!;
  if (!vcpu.online) return OFFLINE;
  const wants = process.place >= 0 && readWanted(process.machine, process.places, number) > 0;
  return wants ? RUNNING : BLOCKED;
}

/** lvsXenTable: the runstates and clocks of vCPUs under Xen. */
export function xenTable(host: Host): TableBinding<VcpuRow> {
  const stolen = ({ domain, number }: VcpuRow) =>
    readStolen(domain.process!.machine, domain.process!.places, number, domain.nowMs);
  const clock = (which: 'unstolen' | 'system') => (row: VcpuRow) => {
    const { machine, places } = row.domain.process!;
    return readSchedClock(machine, places, row.number, which, row.domain.nowMs);
  };
  return {
    rows: rowsOf(host, ({ config }) => config.type === 'xen'),
    columns: {
      lvsXenState: (row) => {
        if (row.domain.process!.place < 0 || !row.vcpu.online) return XEN_STATE.offline;
        return stateOf(row) === RUNNING ? XEN_STATE.running : XEN_STATE.blocked;
      },
      lvsXenRunningTime: ({ vcpu }) => vcpu.read('running'),
      lvsXenRunnableTime: ({ vcpu }) => vcpu.stealNs,
      lvsXenBlockedTime: ({ vcpu }) => vcpu.blockedNs,
      lvsXenOfflineTime: ({ vcpu }) => vcpu.offlineNs,
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
