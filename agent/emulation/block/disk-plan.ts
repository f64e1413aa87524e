import {
  CLUSTER_BYTES,
  type DeviceConfig,
  type DiskSpec,
  type ErrorPolicy,
  POLICY_DEFAULTS,
} from './block-config.ts';
import { compileThrottle, type ThrottleLimit } from './throttle.ts';

/** A disk compiled for its device and its work: made when the guest starts, and when an edit changes it. */
export interface DiskPlan {
  readonly spec: DiskSpec;
  /** Number of its device on the host. */
  readonly device: number;
  /** Number of its storage pool; -1 when its space is not counted. */
  readonly pool: number;
  readonly weight: number;
  readonly depth: number;
  readonly readShare: number;
  /** Bytes of one request. */
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Bytes that are written sooner or later. */
  readonly workingSetBytes: number;
  /** Flushes for each data request. */
  readonly flushShare: number;
  /** Service times in ns. */
  readonly readNs: number;
  readonly writeNs: number;
  readonly flushNs: number;
  /** Device time in ns for one data request with its part of a flush. */
  readonly cycleNs: number;
  /** The part of cycleNs for which it queues; the rest is spent on a channel of its own. */
  readonly queueNs: number;
  readonly limits: readonly ThrottleLimit[] | undefined;
  /** Bytes of one allocation unit; 0 for an image that has all its space. */
  readonly cluster: number;
  /** Bytes that a write on a fresh place allocates. */
  readonly touchBytes: number;
  readonly errorPolicy: ErrorPolicy;
  readonly rerrorPolicy: ErrorPolicy;
}

const DEFAULT_WEIGHT = 500;

/**
 * Compiles a disk. `device` and `pool` are its numbers on the host, pool -1 for none.
 *
 * A device of n channels is one queue n times as fast, and a delay for the rest of the service time, so that a
 * lone request takes its service time and n requests hardly wait (Seidmann's approximation).
 */
export function compileDisk(
  spec: DiskSpec,
  device: number,
  deviceConfig: DeviceConfig,
  pool: number,
): DiskPlan {
  const { work, format } = spec;
  const { bytesPerSecond, channels } = deviceConfig;
  const random = 1 - work.sequentialShare;
  const readNs = deviceConfig.readNs * random + (work.readBytes * 1e9) / bytesPerSecond;
  const writeNs = deviceConfig.writeNs * random + (work.writeBytes * 1e9) / bytesPerSecond;
  const writeShare = 1 - work.readShare;
  const flushShare = writeShare * work.flushesPerWrite;
  const cycleNs = work.readShare * readNs + writeShare * writeNs + flushShare * deviceConfig.flushNs;
  const cluster = CLUSTER_BYTES[format];
  return {
    spec,
    device,
    pool,
    weight: spec.weight ?? DEFAULT_WEIGHT,
    depth: work.depth,
    readShare: work.readShare,
    readBytes: work.readBytes,
    writeBytes: work.writeBytes,
    workingSetBytes: work.workingSetBytes,
    flushShare,
    readNs,
    writeNs,
    flushNs: deviceConfig.flushNs,
    cycleNs,
    queueNs: cycleNs / channels,
    limits: compileThrottle(spec.iotune, work),
    cluster,
    touchBytes: cluster === 0 ? 0 : Math.ceil(work.writeBytes / cluster) * cluster,
    errorPolicy: spec.errorPolicy ?? POLICY_DEFAULTS.errorPolicy,
    rerrorPolicy: spec.rerrorPolicy ?? POLICY_DEFAULTS.rerrorPolicy,
  };
}
