import { signal } from '@preact/signals';
import { follow } from '../api/stream.ts';
import type { Delivery, Happening } from '../api/types.ts';
import { fleetIntervalMs, isLarge, loadAlarms, loadFaults, loadFleet } from './fleet.ts';

/** Entries that the lists keep. */
const KEPT = 1000;
/** Real ms for which news are gathered before the page is drawn again. */
const GATHER_MS = 150;
/** Real ms in which a storm of events makes one look at the fleet; as seldom as its polls when there are many guests. */
const LOOK_MS = 500;

/** What happened, the latest first. */
export const happenings = signal<readonly Happening[]>([]);
/** What became of notifications, the latest first: one entry for each target. */
export const deliveries = signal<readonly Delivery[]>([]);

/** Follows the stream until `signal` ends it, and looks again at what it tells about. */
export function followNews(signal: AbortSignal): void {
  let events: Happening[] = [];
  let told: Delivery[] = [];
  const gather = later(
    () => GATHER_MS,
    () => {
      if (events.length > 0) happenings.value = [...events.reverse(), ...happenings.value].slice(0, KEPT);
      if (told.length > 0) deliveries.value = merged(told, deliveries.value);
      events = [];
      told = [];
    },
  );
  const lookAtFleet = later(
    () => (isLarge.value ? fleetIntervalMs.value : LOOK_MS),
    () => void quietly(loadFleet),
  );
  const lookAtAlarms = later(
    () => GATHER_MS,
    () => void quietly(loadAlarms),
  );
  const lookAtFaults = later(
    () => GATHER_MS,
    () => void quietly(loadFaults),
  );
  void follow(KEPT, signal, ({ topic, data }) => {
    if (topic === 'missed') return;
    if (topic === 'notifications') told.push(JSON.parse(data) as Delivery);
    else events.push(JSON.parse(data) as Happening);
    gather();
    if (topic === 'events') lookAtFleet();
    if (topic === 'alarms') lookAtAlarms();
    if (topic === 'faults') lookAtFaults();
  });
}

/** Puts news of deliveries in the places of what was known of them. */
function merged(told: readonly Delivery[], known: readonly Delivery[]): Delivery[] {
  const bySequence = new Map([...known, ...told].map((one) => [one.seq, one]));
  return [...bySequence.values()].sort((a, b) => b.seq - a.seq).slice(0, KEPT);
}

/** A function that has `run` called once, some time after the first of several calls. */
function later(ms: () => number, run: () => void): () => void {
  let timer: number | undefined;
  return () => {
    if (timer !== undefined) return;
    timer = window.setTimeout(() => {
      timer = undefined;
      run();
    }, ms());
  };
}

/** What fails here is tried again by whoever polls, who also says so. */
async function quietly(load: () => Promise<void>): Promise<void> {
  await load().catch(() => {});
}
