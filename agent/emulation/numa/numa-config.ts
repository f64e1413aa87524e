/** What libvirt's `<numatune>` can ask for (`<memory mode=>`, `<memnode mode=>`). */
export const NUMA_MODES = ['strict', 'preferred', 'interleave', 'restrictive'] as const;
export type NumaMode = (typeof NUMA_MODES)[number];

/** One `<memnode>`: where the memory of one guest cell comes from. */
export interface MemnodeConfig {
  /** `<cell id=>` of the guest. */
  readonly cellId: number;
  readonly mode: NumaMode;
  /** Host nodes, ascending and without repetition; at least one. */
  readonly nodeset: readonly number[];
}

/** `<numatune>` of one domain. */
export interface NumatuneConfig {
  /** `<memory mode=>`; strict when libvirt's attribute is absent. */
  readonly mode: NumaMode;
  /** `<memory nodeset=>`, ascending and without repetition; at least one. */
  readonly nodeset: readonly number[];
  readonly memnodes: readonly MemnodeConfig[];
}

/**
 * Constants of the NUMA model.
 *
 * Distances: Linux's SLIT defaults. Ratio of remote to local latency: the middle of 1.5 to 1.7, which is
 * given for two-socket Xeon-class hosts (emulation facts, section 4; weak sources, so a parameter).
 */
export const NUMA_DEFAULTS = {
  localDistance: 10,
  remoteDistance: 20,
  /** q of {@link slowdown}, 1 or more. */
  remoteLatencyRatio: 1.6,
  /** m of {@link slowdown}: the share of a vCPU's time that waits for memory, 0 to 1. */
  memoryBoundShare: 0.3,
} as const;
