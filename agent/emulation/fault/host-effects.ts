import { type Core, touchHost } from '../core.ts';
import type { Host } from '../host/host.ts';
import { changeLinks } from '../host/host-links.ts';
import { PAGE_KIB } from '../memory/memory-config.ts';
import type { FaultBoard, FaultRecord } from './fault-board.ts';
import type { FaultKind, FaultParameters } from './fault-kind.ts';

const MEBIBYTE = 2 ** 20;
const PAGE_BYTES = PAGE_KIB * 1024;
/** How often a fault that takes something little by little takes the next bit, in ms. */
export const PULSE_MS = 1000;
/** How fast a pool fills whose rule does not say, and a process of the host grows: bytes per second. */
const FILL_RATE = 100 * MEBIBYTE;
const GROWTH_RATE = 1024 * MEBIBYTE;

/** What a link that flaps has in `taken` while it is down. */
export const DOWN = 1;

/** What a kind of fault does to a host, as far as it takes something. Returns what it has then. */
type Taker = (host: Host, record: FaultRecord) => number;

const TAKERS: Partial<Record<FaultKind, Taker>> = {
  'disk-full': (host, record) => fill(host, record, Number.POSITIVE_INFINITY),
  'thin-pool-fill': (host, record) => fill(host, record, record.parameters.bytesPerSecond ?? FILL_RATE),
  'host-memory-pressure': (host, record) => {
    const { share = 1, bytesPerSecond = GROWTH_RATE } = record.parameters;
    const most = Math.floor(host.memory.pages.total * share) - record.taken;
    const step = Math.floor((bytesPerSecond * PULSE_MS) / 1000 / PAGE_BYTES);
    return record.taken + host.memory.takeForHost(Math.max(0, Math.min(step, most)));
  },
};

/** What gives back what a {@link Taker} took. */
const GIVERS: Partial<Record<FaultKind, (host: Host, record: FaultRecord) => void>> = {
  'disk-full': (host, record) => host.storage.pools.free(poolOf(host, record), record.taken),
  'thin-pool-fill': (host, record) => host.storage.pools.free(poolOf(host, record), record.taken),
  'host-memory-pressure': (host, { taken }) => host.memory.giveFromHost(taken),
};

const CYCLE_MS = 10_000;

/** Whether a kind of fault takes links of a host down. */
export function isUplinkFault(kind: FaultKind): boolean {
  return kind === 'host-nic-down' || kind === 'host-nic-flap';
}

/** How long a link that flaps stays as it is, in ms. */
export function flapMs({ parameters }: FaultRecord): number {
  return Math.max(1, Math.round((parameters.cycleMs ?? CYCLE_MS) / 2));
}

/**
 * Has the link that a fault is about as the faults of its host have it: broken when one of them has it down, whatever
 * its cable and its host do.
 *
 * `parameters`: with the name of the NIC.
 */
export function applyUplink(core: Core, host: Host, { uplink }: FaultParameters): void {
  if (uplink === undefined) return;
  const broken = core.faults
    .of(host)
    .some(
      (fault) =>
        isUplinkFault(fault.kind) &&
        fault.parameters.uplink === uplink &&
        (fault.kind === 'host-nic-down' || fault.taken === DOWN),
    );
  if (broken === (host.engine.host.links.get(uplink)?.broken ?? false)) return;
  changeLinks(core, host, (resources, nowMs) => resources.setLink(uplink, { broken }, nowMs));
}

/** Whether a kind of fault goes on taking something of its host while it is in effect. */
export function isTaker(kind: FaultKind): boolean {
  return TAKERS[kind] !== undefined;
}

/** Lets a fault take the next bit of its host; returns what it has then. */
export function takeFromHost(core: Core, record: FaultRecord): number {
  touchHost(core, record.host);
  return TAKERS[record.kind]?.(record.host, record) ?? record.taken;
}

/** Gives back what a fault that has ended had taken. */
export function giveToHost(core: Core, record: FaultRecord): void {
  if (record.taken === 0) return;
  touchHost(core, record.host);
  GIVERS[record.kind]?.(record.host, record);
}

/** Has the sensors of a host, and nothing else of it, as its faults have them. */
export function applySensorFaults(core: Core, host: Host, faults: FaultBoard): void {
  touchHost(core, host);
  const broken = faults.of(host).filter(({ kind }) => kind === 'sensor');
  const names = broken.map(({ parameters }) => sensorOf(host, parameters.sensor));
  host.sensors.breakDown(
    core.clock.nowMs,
    names.filter((name) => name !== undefined),
  );
}

/** The name of the sensor that a fault is about: its first fan, or its first sensor, when none is named. */
export function sensorOf(host: Host, name: string | undefined): string | undefined {
  const { sensors } = host.config;
  if (name !== undefined) return sensors.find((sensor) => sensor.name === name)?.name;
  return (sensors.find(({ kind }) => kind === 'fan') ?? sensors[0])?.name;
}

function fill(host: Host, record: FaultRecord, most: number): number {
  const pool = poolOf(host, record);
  const { pools } = host.storage;
  const bytes = Math.floor(Math.min(most, pools.left(pool)));
  return bytes > 0 && pools.allocate(pool, bytes) ? record.taken + bytes : record.taken;
}

function poolOf(host: Host, { parameters }: FaultRecord): number {
  return host.engine.host.poolOf(parameters.pool);
}
