import { highWord, lowWord, streamKey, wordNoise } from '../../util/random.ts';
import type { DomainConfig } from '../domain/domain-config.ts';
import { loadKindCode, loadTraits, memoryDemand, utilisation } from './load-profile.ts';

/** What a guest's system is doing; it weighs on load and memory. */
export const GUEST_PHASES = ['up', 'booting', 'closing', 'off'] as const;
/** A name of {@link GUEST_PHASES}. */
export type GuestPhase = (typeof GUEST_PHASES)[number];

/** How often what a guest's programs want of memory is looked at, as oVirt's balloon manager does. */
const MEMORY_INTERVAL_MS = 10_000;
/** Programs never want all of a guest's memory: its kernel and its files need some. */
const PROGRAM_SHARE = 0.85;
/** What a guest that boots wants. */
const BOOTING_SHARE = 0.05;

/** What a guest's programs do. A copy of the object is a copy of all. */
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
  /** Memory that its operator has given it, in KiB: what a balloon manager brings it back to. */
  givenKiB: number;
  /** Memory that its programs were set up for, in KiB: what its system started with. A balloon does not change it. */
  sizedKiB: number;
}

/** The key of a guest's load: it goes with the guest when it moves to another host. */
export function loadKey(seed: number, hostName: string, uuid: string): number {
  return streamKey(seed, 'load', hostName, uuid);
}

/** The load of a guest that does not run yet. The key decides its course. */
export function createLoad(key: number): GuestLoad {
  const low = lowWord(key);
  const high = highWord(key);
  return { low, high, ...loadTraits(low, high), kind: 0, phase: 'booting', givenKiB: 0, sizedKiB: 0 };
}

/** A new emulator process: a guest that boots, with its memory as at start. */
export function launchLoad(load: GuestLoad, config: DomainConfig): void {
  load.kind = loadKindCode(config.load);
  load.phase = 'booting';
  load.givenKiB = config.currentMemoryKiB;
  load.sizedKiB = config.currentMemoryKiB;
}

/** Makes a guest on another host, whose vCPUs do not run yet, go on with the load of this one. */
export function handLoad(from: GuestLoad, to: GuestLoad): void {
  to.low = from.low;
  to.high = from.high;
  to.level = from.level;
  to.memoryLevel = from.memoryLevel;
  to.shift = from.shift;
  to.givenKiB = from.givenKiB;
  to.sizedKiB = from.sizedKiB;
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

/** Whether the guest's memory is looked at in a span of so many ms from a tick on: guests take turns. */
export function isMemoryTurn(load: GuestLoad, tick: number, tickMs: number, spanMs: number): boolean {
  const ticks = memoryTicks(tickMs);
  const wait = ((load.low & 0xffff) + ticks - (tick % ticks)) % ticks;
  return wait * tickMs < spanMs;
}

/** The share of its memory that the guest's programs want, 0 to 1. */
export function programShare(load: GuestLoad, tick: number, tickMs: number): number {
  if (load.phase !== 'up') return load.phase === 'booting' ? BOOTING_SHARE : 0;
  const interval = tick / memoryTicks(tickMs);
  return PROGRAM_SHARE * memoryDemand(load.kind, load.memoryLevel, load.low, load.high, interval);
}

function memoryTicks(tickMs: number): number {
  return Math.max(1, Math.round(MEMORY_INTERVAL_MS / tickMs));
}
