import { CONTAINER } from '../container/container-places.ts';
import type { DomainConfig } from '../domain/domain-config.ts';
import type { FaultRecord } from '../fault/fault-board.ts';
import { STATE } from '../memory/guest-memory-layout.ts';
import { setLink, setStalled } from '../net/nic.ts';
import {
  type DiskFaults,
  type EmulatorProcess,
  type GuestTrouble,
  LINK,
} from '../process/emulator-process.ts';
import { WORK_PROFILES, type WorkConfig } from '../vcpu/vcpu-config.ts';

const MEBIBYTE = 2 ** 20;
/** How fast a leak grows whose rule does not say, in bytes per second. */
const LEAK_RATE = 16 * MEBIBYTE;
/** How many times as long a request of a slow disk takes whose rule does not say. */
const SLOW_FACTOR = 10;

/**
 * Makes a process as its faults have it: links, queues, disks, and what goes wrong inside of the guest.
 *
 * `config`: its definition now. The machine is settled and its tick not planned, or not yet begun.
 */
export function applyTrouble(
  process: EmulatorProcess,
  faults: readonly FaultRecord[],
  config: DomainConfig,
): void {
  const { machine, nics, disks } = process;
  process.trouble = troubleOf(faults);
  if (!process.trouble?.leakBytesPerSecond) machine.numbers[process.link.state + LINK.LEAKED] = 0;
  nics.forEach(({ parts }, nic) => {
    const down = faults.some((fault) => fault.kind === 'nic-down' && (fault.parameters.nic ?? 0) === nic);
    setLink(machine, parts, !down && config.nics[nic]?.linkDown !== true);
    const stalls = faults.filter(
      (fault) => fault.kind === 'queue-stall' && (fault.parameters.nic ?? 0) === nic,
    );
    parts.queues.forEach((_, queue) => {
      const stalled = stalls.some(({ parameters }) => (parameters.queue ?? queue) === queue);
      setStalled(machine, parts, queue, stalled);
    });
  });
  for (const disk of disks) {
    const own = faults.filter(
      ({ parameters }) => (parameters.disk ?? disk.config.target) === disk.config.target,
    );
    disk.faults = diskFaultsOf(own);
  }
}

function troubleOf(faults: readonly FaultRecord[]): GuestTrouble | undefined {
  let leakBytesPerSecond = 0;
  let utilisation: number | undefined;
  let work: WorkConfig | undefined;
  let forks = false;
  for (const { kind, parameters } of faults) {
    if (kind === 'memory-leak') leakBytesPerSecond += parameters.bytesPerSecond ?? LEAK_RATE;
    if (kind === 'container-fork-bomb') {
      forks = true;
      utilisation = 1;
    }
    if (kind === 'noisy-neighbour') {
      utilisation = Math.max(utilisation ?? 0, parameters.share ?? 1);
      const lockShare = Math.max(work?.lockShare ?? 0, parameters.lockShare ?? 0);
      work = { ...(lockShare > 0 ? WORK_PROFILES.contended : WORK_PROFILES.compute), lockShare };
    }
  }
  if (leakBytesPerSecond === 0 && utilisation === undefined) return undefined;
  return { leakBytesPerSecond, utilisation, work, forks };
}

function diskFaultsOf(faults: readonly FaultRecord[]): DiskFaults | undefined {
  let latencyFactor = 1;
  let errorShare = 0;
  for (const { kind, parameters } of faults) {
    if (kind === 'slow-disk') latencyFactor *= parameters.factor ?? SLOW_FACTOR;
    if (kind === 'disk-error') errorShare = Math.max(errorShare, parameters.share ?? 1);
  }
  if (latencyFactor === 1 && errorShare === 0) return undefined;
  return { latencyFactor, readErrorShare: errorShare, writeErrorShare: errorShare };
}

/**
 * Bytes that a leak of the guest has taken until the span that begins; to be called once for each span.
 *
 * It grows while the guest is up (`up`), and is gone with the program that the OOM killer ends.
 */
export function leakedBytes(process: EmulatorProcess, up: boolean, spanMs: number): number {
  const { machine, link, trouble } = process;
  const { numbers } = machine;
  const rate = trouble?.leakBytesPerSecond ?? 0;
  if (rate === 0) return 0;
  const at = link.state + LINK.LEAKED;
  const kills = oomKills(process);
  if (up && kills === numbers[link.state + LINK.LEAK_KILLS]) numbers[at]! += (rate * spanMs) / 1000;
  else numbers[at] = 0;
  numbers[link.state + LINK.LEAK_KILLS] = kills;
  return numbers[at]!;
}

function oomKills({ machine: { numbers }, ram, container }: EmulatorProcess): number {
  if (container) return numbers[container.place.part.counters + CONTAINER.EVENT_OOM_KILL]!;
  return ram ? numbers[ram.part.state + STATE.OOM_KILLS]! : 0;
}
