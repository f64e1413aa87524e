import { computed, signal } from '@preact/signals';
import { get } from '../api/request.ts';
import type { Alarm, Clock, Fault, Guest, Host, Rates } from '../api/types.ts';

/** What the API last said. */
export const hosts = signal<readonly Host[]>([]);
export const guests = signal<readonly Guest[] | undefined>(undefined);
export const alarms = signal<readonly Alarm[] | undefined>(undefined);
export const faults = signal<readonly Fault[] | undefined>(undefined);
export const clock = signal<Clock | undefined>(undefined);
/** By UUID and host. */
export const rates = signal<ReadonlyMap<string, Rates>>(new Map());

/** Tells a guest from every other of the fleet. */
export function keyOf({ host, uuid }: { readonly host: string; readonly uuid: string }): string {
  return `${uuid} ${host}`;
}

/** Whether guests of several hosts are shown. */
export const hasSeveralHosts = computed(() => hosts.value.length > 1);

/** Guests beyond which lists are asked for less often. */
const MANY = 2000;

/** Whether it takes the agent a while to tell of all guests. */
export const isLarge = computed(() => (guests.value?.length ?? 0) > MANY);

/** Real ms between two looks at all guests. */
export const fleetIntervalMs = computed(() => (isLarge.value ? 30_000 : 4000));

/** Looks at hosts and guests again. */
export async function loadFleet(): Promise<void> {
  const [allHosts, allGuests] = await Promise.all([get<Host[]>('/hosts'), get<Guest[]>('/guests')]);
  hosts.value = allHosts;
  guests.value = allGuests;
}

/** Looks at the latest rates of all guests. */
export async function loadRates(): Promise<void> {
  const rows = await get<Rates[]>('/rates');
  rates.value = new Map(rows.map((row) => [keyOf(row), row]));
}

/** Looks at the alarms that are up. */
export async function loadAlarms(): Promise<void> {
  alarms.value = await get<Alarm[]>('/alarms');
}

/** Looks at the faults that are in effect. */
export async function loadFaults(): Promise<void> {
  faults.value = await get<Fault[]>('/faults');
}

/** Looks at the time. */
export async function loadClock(): Promise<void> {
  clock.value = await get<Clock>('/clock');
}
