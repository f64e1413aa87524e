import { dictionary } from '../util/dictionary.ts';
import { highWord, lowWord, streamKey, wordNoise } from '../util/random.ts';
import type { DomainConfig } from './domain-config.ts';
import { loadKindCode, loadTraits, memoryDemand, utilisation } from './load-profile.ts';

/** What a guest's system is doing; it weighs on load and memory. */
export const GUEST_PHASES = ['up', 'booting', 'closing', 'off'] as const;
/** A name of {@link GUEST_PHASES}. */
export type GuestPhase = (typeof GUEST_PHASES)[number];

/** How the memory of a guest moves, by its type. */
const MEMORY_MODEL = dictionary<'balloon' | 'usage'>({
  kvm: 'balloon',
  qemu: 'balloon',
  xen: 'balloon',
  lxc: 'usage',
});

/** The balloon manager looks at each guest this often, as oVirt's does. */
const MEMORY_INTERVAL_MS = 10_000;
/** A balloon never takes a guest below this share of what it started with. */
const BALLOON_FLOOR = 0.25;
/** Free memory that the balloon manager leaves a guest, as a share of what it uses. */
const BALLOON_HEADROOM = 0.25;
/** Largest step of a balloon in one interval, as a share of the memory at start. */
const BALLOON_STEP = 0.05;
/** Largest change of a container's use in one interval, as a share of its limit. */
const USAGE_STEP = 0.1;

/** What a guest's programs do, and the memory that it has for them. A copy of the object is a copy of all. */
export interface GuestLoad {
  /** The two words of the guest's key, and what was drawn from them. */
  low: number;
  high: number;
  level: number;
  memoryLevel: number;
  shift: number;
  /** See {@link loadKindCode}. */
  kind: number;
  phase: GuestPhase;
  memoryModel: 'constant' | 'balloon' | 'usage';
  maximumKiB: number;
  atStartKiB: number;
  /** What it has now; 0 without an emulator process. */
  memoryKiB: number;
}

/** The key of a guest's load: it goes with the guest when it moves to another host. */
export function loadKey(seed: number, hostName: string, uuid: string): number {
  return streamKey(seed, 'load', hostName, uuid);
}

/** The load of a guest that does not run yet. The key decides its course. */
export function createLoad(key: number): GuestLoad {
  const low = lowWord(key);
  const high = highWord(key);
  return {
    low,
    high,
    ...loadTraits(low, high),
    kind: 0,
    phase: 'booting',
    memoryModel: 'constant',
    maximumKiB: 0,
    atStartKiB: 0,
    memoryKiB: 0,
  };
}

/** A new emulator process: a guest that boots, with its memory as at start. */
export function launchLoad(load: GuestLoad, config: DomainConfig, tick: number, tickMs: number): void {
  load.kind = loadKindCode(config.load);
  load.phase = 'booting';
  load.memoryModel = MEMORY_MODEL[config.type] ?? 'constant';
  load.maximumKiB = config.memoryKiB;
  load.atStartKiB = config.currentMemoryKiB;
  load.memoryKiB = load.memoryModel === 'usage' ? memoryTarget(load, tick, tickMs) : config.currentMemoryKiB;
}

/** Makes a guest on another host, whose vCPUs do not run yet, go on with the load and memory of this one. */
export function handLoad(from: GuestLoad, to: GuestLoad): void {
  to.low = from.low;
  to.high = from.high;
  to.level = from.level;
  to.memoryLevel = from.memoryLevel;
  to.shift = from.shift;
  to.memoryKiB = from.memoryKiB;
}

/** Whether all vCPUs share the work; firmware, kernel and most services come and go on one. */
export function isSpread(load: GuestLoad): boolean {
  return load.phase === 'up';
}

/**
 * The share of its vCPUs that the guest's work uses in one tick, 0 to 1: of all, or of the one that works.
 *
 * `position`: where the moment lies in its day.
 */
export function workShare(load: GuestLoad, tick: number, position: number): number {
  const { low, high, phase } = load;
  if (phase === 'up') return utilisation(load.kind, load.level, load.shift, low, high, tick, position);
  if (phase === 'off') return 0;
  return (phase === 'booting' ? 0.7 : 0.3) + 0.3 * wordNoise(low, high, tick);
}

/** Moves the memory of a running guest in the tick in which its turn comes. */
export function passMemory(load: GuestLoad, tick: number, tickMs: number): void {
  const ticks = memoryTicks(tickMs);
  if ((load.low & 0xffff) % ticks !== tick % ticks || load.memoryModel === 'constant') return;
  const most =
    load.memoryModel === 'usage'
      ? Math.ceil(load.maximumKiB * USAGE_STEP)
      : Math.ceil(load.atStartKiB * BALLOON_STEP);
  load.memoryKiB += clamp(memoryTarget(load, tick, tickMs) - load.memoryKiB, -most, most);
}

/** Memory where the balloon manager would have brought it long ago: for a guest that is up at the start. */
export function settleMemory(load: GuestLoad, tick: number, tickMs: number): void {
  load.memoryKiB = memoryTarget(load, tick, tickMs);
}

function memoryTicks(tickMs: number): number {
  return Math.max(1, Math.round(MEMORY_INTERVAL_MS / tickMs));
}

function memoryTarget(load: GuestLoad, tick: number, tickMs: number): number {
  const { memoryModel, maximumKiB, atStartKiB } = load;
  if (memoryModel === 'constant') return atStartKiB;
  const booting = load.phase === 'booting';
  const share = booting
    ? 0.05
    : memoryDemand(load.kind, load.memoryLevel, load.low, load.high, tick / memoryTicks(tickMs));
  if (memoryModel === 'usage') return clamp(Math.round(share * maximumKiB), 1, maximumKiB);
  if (booting) return atStartKiB;
  const wanted = share * maximumKiB * (1 + BALLOON_HEADROOM);
  return clamp(Math.round(wanted), Math.ceil(atStartKiB * BALLOON_FLOOR), atStartKiB);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
