/**
 * What a tick of the emulation costs, without an agent: `node --expose-gc --import tsx tick-child.ts GUESTS`.
 *
 * Prints {@link TickFigures} as JSON. The guests are as the project's targets have them: 2 vCPUs, one NIC with 2
 * queue pairs and a disk, with each kind of load in turn, on one simulated host.
 */
import { type DomainConfig, LOAD_KINDS } from '../../agent/emulation/domain/domain-config.ts';
import { Hypervisor } from '../../agent/emulation/hypervisor.ts';
import { VirtualClock } from '../../agent/util/clock.ts';
import { derivedUuid } from '../../agent/util/uuid.ts';
import { median } from './statistics.ts';
import type { TickFigures } from './tick-cost.ts';

const WARM_UP_SECONDS = 60;
/** Simulated seconds that are measured: whole spans of every length, 1 to 5 s. */
const SECONDS = 120;
const GIB_KIB = 2 ** 20;

const NICS: DomainConfig['nics'] = [{ type: 'network', source: 'default', model: 'virtio', queues: 2 }];
const DISKS: DomainConfig['disks'] = [{ type: 'file', device: 'disk', target: 'vda', bus: 'virtio' }];

function configs(guests: number): DomainConfig[] {
  return Array.from({ length: guests }, (_, i) => {
    const name = `guest-${i}`;
    return {
      name,
      uuid: derivedUuid('tick', name),
      type: 'kvm',
      memoryKiB: 2 * GIB_KIB,
      currentMemoryKiB: 2 * GIB_KIB,
      vcpus: 2,
      maxVcpus: 2,
      nics: NICS,
      disks: DISKS,
      numaCells: [],
      onCrash: 'destroy',
      autostart: false,
      initialState: 'running',
      load: LOAD_KINDS[i % LOAD_KINDS.length]!,
    };
  });
}

/** Bytes that live objects take, typed arrays among them. */
function liveBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** CPU time of this process so far, in ms: what other programs do meanwhile does not count. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function measure(guests: number): TickFigures {
  const clock = new VirtualClock({ epochMs: Date.UTC(2026, 0, 5, 9) });
  const hypervisor = new Hypervisor({ seed: 7, clock });
  const host = hypervisor.addHost('one');
  const definitions = configs(guests);
  const before = liveBytes();
  hypervisor.apply({ op: 'populate', host, configs: definitions });
  clock.advanceTo(WARM_UP_SECONDS * 1000);
  const bytesPerGuest = (liveBytes() - before) / guests;

  const plans: number[] = [];
  const longest: number[] = [];
  for (let second = 0; second < SECONDS; second++) {
    const slices: number[] = [];
    let before = cpuMs();
    clock.advanceTo(clock.nowMs + 1000, () => {
      const now = cpuMs();
      slices.push(now - before);
      before = now;
      return true;
    });
    // Between the beginnings of plans nothing happens, and there is no timer to be asked after.
    if (slices.length === 0) continue;
    slices.push(cpuMs() - before);
    plans.push(slices.reduce((sum, ms) => sum + ms, 0));
    longest.push(Math.max(...slices));
  }
  return {
    guests,
    spanSeconds: SECONDS / plans.length,
    planMs: Math.min(...plans),
    medianPlanMs: median(plans),
    longestSliceMs: median(longest),
    bytesPerGuest,
  };
}

process.stdout.write(`${JSON.stringify(measure(Number(process.argv[2])))}\n`);
