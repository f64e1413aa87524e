import { CONTAINER } from '../container/container-places.ts';
import type { Part } from '../machine/layout.ts';
import { Q } from '../net/nic-parts.ts';
import type { EmulatorProcess } from '../process/emulator-process.ts';
import { VCPU } from '../vcpu/vcpu-places.ts';
import type { AlarmResource } from './alarm.ts';
import type { AlarmSettings } from './settings.ts';

/** What a level of a guest was between two looks. */
export interface GuestLevel {
  readonly process: EmulatorProcess;
  readonly kind: 'stealHigh' | 'containerThrottled' | 'queueDrops';
  readonly resource: AlarmResource;
  /** Percent. */
  readonly value: number;
  /** Simulated ms of the look before. */
  readonly sinceMs: number;
}

/** What was counted when a guest was last looked at: these, then four for each pair of queues. */
const SEEN = { AT_MS: 0, ONLINE: 1, STEAL: 2, WANTED: 3, THROTTLED: 4, QUEUES: 5 };
/** Frames below which the share that was dropped says nothing. */
const FEWEST_FRAMES = 100;

const GUEST = { kind: 'guest' } as const;

/**
 * Looks at what a guest's counters have done since they were last looked at, and adds the levels that are bad.
 * For a guest of which something is bad already, all levels are added.
 *
 * The guest is settled. The first look at an emulator process only remembers its counters.
 */
export function measureGuest(
  process: EmulatorProcess,
  nowMs: number,
  settings: AlarmSettings,
  levels: GuestLevel[],
): void {
  const isFirst = process.seen === undefined;
  const seen = process.seen ?? rememberAnew(process);
  const sinceMs = seen[SEEN.AT_MS]!;
  seen[SEEN.AT_MS] = nowMs;
  const tell = (kind: GuestLevel['kind'], resource: AlarmResource, value: number): void => {
    if (!isFirst && (process.watched || value >= settings[kind].raise))
      levels.push({ process, kind, resource, value, sinceMs });
  };
  if (process.container)
    tell('containerThrottled', GUEST, heldBack(process, process.container.place.part, seen));
  else tell('stealHigh', GUEST, stealShare(process, seen));
  const { nics, machine } = process;
  const { numbers } = machine;
  let at = SEEN.QUEUES;
  for (let nic = 0; nic < nics.length; nic++) {
    const { queues } = nics[nic]!.parts;
    for (let queue = 0; queue < queues.length; queue++, at += 4) {
      const { counters } = queues[queue]!;
      const rx = numbers[counters + Q.rxOffered]!;
      const rxDropped = shareSince(seen, at, numbers[counters + Q.rxDropped]!, at + 1, rx, FEWEST_FRAMES);
      const tx = numbers[counters + Q.txOffered]!;
      const txDropped = shareSince(seen, at + 2, numbers[counters + Q.txDropped]!, at + 3, tx, FEWEST_FRAMES);
      if (rxDropped > 0 || process.watched)
        tell('queueDrops', { kind: 'queue', nic, queue, direction: 'rx' }, rxDropped);
      if (txDropped > 0 || process.watched)
        tell('queueDrops', { kind: 'queue', nic, queue, direction: 'tx' }, txDropped);
    }
  }
}

function rememberAnew(process: EmulatorProcess): Float64Array {
  const pairs = process.nics.reduce((sum, { parts }) => sum + parts.queues.length, 0);
  process.seen = new Float64Array(SEEN.QUEUES + 4 * pairs);
  return process.seen;
}

/** Steal as a share of the time that the vCPUs could have run, in percent. */
function stealShare({ machine, places }: EmulatorProcess, seen: Float64Array): number {
  const { numbers } = machine;
  let online = 0;
  let steal = 0;
  for (const { counters } of places.vcpus) {
    online += numbers[counters + VCPU.ONLINE]!;
    steal += numbers[counters + VCPU.READY]! - numbers[counters + VCPU.RUN]!;
  }
  return shareSince(seen, SEEN.STEAL, steal, SEEN.ONLINE, online);
}

/** What its quota held back of the CPU time that a container wanted, in percent. */
function heldBack({ machine }: EmulatorProcess, { counters }: Part, seen: Float64Array): number {
  const { numbers } = machine;
  const throttled = numbers[counters + CONTAINER.THROTTLED]!;
  const wanted = throttled + numbers[counters + CONTAINER.USAGE]!;
  return shareSince(seen, SEEN.THROTTLED, throttled, SEEN.WANTED, wanted);
}

/** What a counter has grown by, in percent of what another has, and remembers both; 0 below `fewest`. */
function shareSince(
  seen: Float64Array,
  part: number,
  partNow: number,
  whole: number,
  wholeNow: number,
  fewest = 1,
): number {
  const grown = partNow - seen[part]!;
  const of = wholeNow - seen[whole]!;
  seen[part] = partNow;
  seen[whole] = wholeNow;
  return of < fewest ? 0 : (100 * grown) / of;
}
