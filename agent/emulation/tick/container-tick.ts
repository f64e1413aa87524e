import { demandContainerCpu, runContainerCpu } from '../container/container-cpu.ts';
import { runContainerPids } from '../container/container-memory.ts';
import { demandContainerMemory, placeContainerMemory } from '../container/container-on-host.ts';
import { CONTAINER, CONTAINER_STATE } from '../container/container-places.ts';
import { programShare } from '../guest/guest-load.ts';
import { leakedBytes } from '../guest/guest-trouble.ts';
import type { HostResources } from '../host/host-resources.ts';
import { SPAN_MS } from '../machine/layout.ts';
import { demandNic, runNic } from '../net/nic.ts';
import { type EmulatorProcess, LINK, type RunningContainer } from '../process/emulator-process.ts';
import type { HostCpu } from '../vcpu/host-cpu.ts';
import type { TickSpan } from './host-engine.ts';
import type { TickConsequences } from './tick-consequence.ts';

const { ANON_WANT, SLOWDOWN } = LINK;
const { DEMAND } = CONTAINER_STATE;

/** Page cache that a container's programs use, beside their own memory. */
const CACHE_SHARE = 0.25;
/** Share of its run time that a container spends in user mode. */
const USER_SHARE = 0.8;
/** Processes of a container that does nothing, and more of them when it is busy. */
const IDLE_PIDS = 8;
const BUSY_PIDS = 40;
/** Processes that the host's kernel has numbers for (kernel.pid_max): what a fork bomb goes for. */
const MOST_PIDS = 32_768;

const input = { guest: 0, anonWanted: 0, cacheWanted: 0, hostReclaim: 0, cacheRoom: 0, swapRoom: 0 };

/**
 * First pass of a container: one claim for all of its processes, its memory, and what its NICs ask of their segments.
 *
 * `host` is left out for one that starts in the middle of a tick: its memory comes with the next one.
 */
export function claimContainer(
  process: EmulatorProcess,
  container: RunningContainer,
  work: number,
  span: TickSpan,
  host: HostResources | undefined,
  isTurn: boolean,
  consequences: TickConsequences,
): void {
  const { place, plan } = container;
  const { machine, link, load, nics } = process;
  const { numbers } = machine;
  if (isTurn) {
    const share = programShare(load, span.tick, span.tickMs);
    const leaked = process.trouble ? leakedBytes(process, load.phase === 'up', span.spanMs) : 0;
    numbers[link.state + ANON_WANT] = Math.floor(share * load.sizedKiB * 1024 + leaked);
    numbers[link.state + SLOWDOWN] = 1;
  }
  const demand = demandContainerCpu(numbers, place, plan, work);
  // Its frames are moved in interrupts of the host, which no cgroup pays for.
  for (const { parts, model, segment, port } of nics)
    demandNic(machine, parts, model, segment, port, work, span.spanMs, host === undefined);
  const { pool, weight } = process.plan.groups[0]!;
  if (!host) return;
  host.cpu.claim(pool, demand, weight);
  input.guest = process.number;
  input.anonWanted = numbers[link.state + ANON_WANT]!;
  input.cacheWanted = Math.floor(CACHE_SHARE * input.anonWanted);
  demandContainerMemory(numbers, container, input, host.memory, consequences.container);
}

/** Last pass of a container; `lateMs` is the present time for one that starts in the middle of a tick. */
export function runContainer(
  process: EmulatorProcess,
  container: RunningContainer,
  span: TickSpan,
  host: HostResources,
  lateMs: number | undefined,
): void {
  const { place, plan } = container;
  const { machine, load, nics } = process;
  const { numbers } = machine;
  const { pool, weight } = process.plan.groups[0]!;
  const demand = demandOf(numbers, place);
  const granted =
    lateMs === undefined ? host.cpu.take(pool, demand, weight) : host.cpu.takeLate(pool, demand, lateMs);
  runContainerCpu(numbers, place, plan, granted, USER_SHARE);
  if (lateMs === undefined) placeContainerMemory(numbers, container, host.memory);
  const busy = granted / (plan.cpus * 1_000_000);
  const usual = process.trouble?.forks ? MOST_PIDS : IDLE_PIDS + Math.round(BUSY_PIDS * busy);
  runContainerPids(numbers, place, plan, load.phase === 'off' ? 0 : usual);
  const share = demand === 0 ? 1 : granted / demand;
  for (const { parts, model, segment, port } of nics)
    runNic(machine, parts, model, segment, port, span.spanMs, share, 1);
}

/** What a container that stops in the middle of a tick leaves unused goes back. Before its machine is settled. */
export function releaseContainer(
  process: EmulatorProcess,
  { place }: RunningContainer,
  cpu: HostCpu,
  nowMs: number,
): void {
  const { numbers } = process.machine;
  const span = numbers[SPAN_MS]!;
  if (span === 0) return;
  const rate = numbers[place.part.counters + place.counterCount + CONTAINER.USAGE]! / span;
  cpu.giveBack(process.plan.groups[0]!.pool, Math.round(rate), nowMs);
}

function demandOf(numbers: Float64Array, { part }: RunningContainer['place']): number {
  return numbers[part.state + DEMAND]!;
}
