/** How long one kind of step takes. */
export interface Timing {
  /** Seconds that every such step takes. */
  readonly seconds: number;
  /** Up to this many seconds more or less, drawn evenly from the domain's own stream. */
  readonly jitterSeconds: number;
  /** Seconds for each GiB of the guest's memory on top, for steps that move it. */
  readonly secondsPerGiB?: number;
  /** Multiplies the whole when the domain is a container: no firmware, no kernel to load. */
  readonly containerFactor?: number;
}

/** How long the steps of the life cycle take, by name. */
export const TIMINGS = {
  /** From power on until the guest answers ACPI and its agent runs. */
  boot: { seconds: 14, jitterSeconds: 6, containerFactor: 0.05 },
  /** From the request until the guest has stopped its services and powers off. */
  shutdown: { seconds: 7, jitterSeconds: 4, containerFactor: 0.1 },
  /** The same for a reboot: until the guest resets itself. */
  reboot: { seconds: 6, jitterSeconds: 3, containerFactor: 0.1 },
  /** From the guest's end until the emulator's process is gone. */
  exit: { seconds: 0.2, jitterSeconds: 0.1 },
  /** A start that fails: until the emulator gives up. */
  startFailure: { seconds: 1.2, jitterSeconds: 0.6 },
  /** Writing memory to an image on disk, about 500 MiB/s. */
  save: { seconds: 0.4, jitterSeconds: 0.2, secondsPerGiB: 2 },
  /** Reading it back, about 800 MiB/s. */
  restore: { seconds: 0.6, jitterSeconds: 0.3, secondsPerGiB: 1.3 },
  /** Writing a core dump, about 500 MiB/s. */
  dump: { seconds: 0.4, jitterSeconds: 0.2, secondsPerGiB: 2 },
  /** Writing a memory snapshot into the image, about 300 MiB/s. */
  snapshot: { seconds: 0.5, jitterSeconds: 0.3, secondsPerGiB: 3.4 },
  /** From a panic to the emulator's reset, when the domain restarts on a crash. */
  crashReset: { seconds: 0.3, jitterSeconds: 0.1 },
  /** The guest's crash kernel writing its dump before it resets. */
  crashKernel: { seconds: 20, jitterSeconds: 8, secondsPerGiB: 1 },
  /** The guest putting its devices to sleep (S3). */
  sleep: { seconds: 1.5, jitterSeconds: 0.8 },
  /** The guest writing its memory to its own disk (S4). */
  hibernate: { seconds: 4, jitterSeconds: 1.5, secondsPerGiB: 1.5 },
  /** Until a migration sends memory: connections, devices. The passes over the memory come on top. */
  precopy: { seconds: 1, jitterSeconds: 0.5 },
  /** The same of one that switches to post-copy after its first pass. */
  firstPass: { seconds: 1, jitterSeconds: 0.5 },
  /** Fetching the rest after a post-copy switch. */
  postcopy: { seconds: 1, jitterSeconds: 0.5, secondsPerGiB: 1 },
  /** Until a guest that was asked has let a device go, or refused to. */
  unplug: { seconds: 0.4, jitterSeconds: 0.3 },
  /** The guest standing still: last pages and device state. */
  switchover: { seconds: 0.15, jitterSeconds: 0.1 },
  /** Until the source has heard from the target and ends its process. */
  confirm: { seconds: 0.2, jitterSeconds: 0.1 },
} as const satisfies Record<string, Timing>;

/** A name of {@link TIMINGS}. */
export type TimingName = keyof typeof TIMINGS;

/** Timings that replace the shipped ones. */
export type TimingOverrides = { readonly [N in TimingName]?: Timing };

const KIB_PER_GIB = 1024 * 1024;

/**
 * The length of a step in whole ms, 1 at least.
 *
 * `draw` is a random number in [0, 1): 0 gives the shortest, 0.5 the nominal length.
 */
export function durationMs(timing: Timing, draw: number, memoryKiB: number, container: boolean): number {
  const perMemory = ((timing.secondsPerGiB ?? 0) * memoryKiB) / KIB_PER_GIB;
  const seconds = timing.seconds + perMemory + timing.jitterSeconds * (2 * draw - 1);
  return Math.max(1, Math.round(seconds * 1000 * (container ? (timing.containerFactor ?? 1) : 1)));
}
