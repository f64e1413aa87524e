/** What a device does when a request fails: `error_policy` for writes and, without enospace, `rerror_policy`. */
export type ErrorPolicy = 'stop' | 'report' | 'ignore' | 'enospace';

/** Kinds of storage with service times of their own. */
export type DeviceKind = 'hdd' | 'ssd' | 'nvme';

/** A device of the host, on which the disks of many guests may lie. */
export interface DeviceConfig {
  /** What it is; flash on a disk's connector when not given. */
  readonly kind?: DeviceKind;
  /** Requests that it works on at the same time, 1 or more. */
  readonly channels: number;
  /** Time in ns to reach a random place for reading. */
  readonly readNs: number;
  /** Time in ns to reach a random place for writing. */
  readonly writeNs: number;
  /** Time in ns of a flush. */
  readonly flushNs: number;
  /** Bytes per second of a long transfer, above 0. */
  readonly bytesPerSecond: number;
}

/** Half a turn in ns of a disk with so many turns per minute: 4.17 ms at 7200 (facts, section 11). */
export function rotationNs(rpm: number): number {
  return Math.round(30e9 / rpm);
}

/**
 * Ordinary devices: a disk of 7200 rpm with a seek of 8.5 ms (79 requests per second at depth 1), and two kinds
 * of flash whose figures are parameters of the model, not measurements.
 */
export const DEVICE_DEFAULTS: Readonly<Record<DeviceKind, DeviceConfig>> = {
  hdd: {
    kind: 'hdd',
    channels: 1,
    readNs: 8_500_000 + rotationNs(7200),
    writeNs: 8_500_000 + rotationNs(7200),
    flushNs: 2 * rotationNs(7200),
    bytesPerSecond: 150e6,
  },
  ssd: {
    kind: 'ssd',
    channels: 8,
    readNs: 100_000,
    writeNs: 60_000,
    flushNs: 500_000,
    bytesPerSecond: 530e6,
  },
  nvme: {
    kind: 'nvme',
    channels: 32,
    readNs: 80_000,
    writeNs: 20_000,
    flushNs: 20_000,
    bytesPerSecond: 3200e6,
  },
};

/** One pair of limits of `<iotune>`: 0 means none. */
export interface Limit {
  /** `*_sec`: what is allowed for ever. */
  readonly perSecond: number;
  /** `*_sec_max`: what is allowed in a burst; 0 for no bursts. */
  readonly max: number;
  /** `*_sec_max_length`: seconds that a burst at full rate may last, 1 or more. */
  readonly lengthSeconds: number;
}

/** What can be limited, by libvirt's names. */
export const LIMIT_NAMES = [
  'total_iops',
  'read_iops',
  'write_iops',
  'total_bytes',
  'read_bytes',
  'write_bytes',
] as const;
/** A name of {@link LIMIT_NAMES}. */
export type LimitName = (typeof LIMIT_NAMES)[number];

/** `<iotune>` of a disk: the limits that are set. */
export type IotuneConfig = { readonly [N in LimitName]?: Limit };

/** What is wrong with a set of limits; `undefined` when libvirt takes it. */
export function iotuneRefusal(iotune: IotuneConfig): string | undefined {
  for (const unit of ['iops', 'bytes'] as const) {
    const splits = (['read', 'write'] as const).filter((way) => iotune[`${way}_${unit}`]?.perSecond);
    if (iotune[`total_${unit}`]?.perSecond && splits.length > 0)
      return `total_${unit}_sec cannot be set together with ${splits[0]}_${unit}_sec; one of them must be 0`;
  }
  for (const name of LIMIT_NAMES) {
    const limit = iotune[name];
    if (limit === undefined) continue;
    const { perSecond, max, lengthSeconds } = limit;
    if (![perSecond, max].every((each) => Number.isSafeInteger(each) && each >= 0))
      return `${name}_sec and ${name}_sec_max must be whole numbers that are not negative`;
    if (max > 0 && perSecond === 0) return `${name}_sec_max is set without ${name}_sec; it must be 0`;
    if (max > 0 && max < perSecond) return `${name}_sec_max is ${max}; it must be ${perSecond} or more`;
    if (!Number.isSafeInteger(lengthSeconds) || lengthSeconds < 1)
      return `${name}_sec_max_length is ${lengthSeconds}; it must be a whole number of 1 or more`;
  }
  return undefined;
}

/** What a guest's programs do with a disk. */
export interface DiskWork {
  /** Requests that they keep in flight at most, 1 or more; also the queue that the driver offers. */
  readonly depth: number;
  /** Share of data requests that read, 0 to 1. */
  readonly readShare: number;
  /** Bytes of a read, a whole number above 0. */
  readonly readBytes: number;
  /** Bytes of a write, a whole number above 0. */
  readonly writeBytes: number;
  /** Share of data requests that follow the one before on the device, 0 to 1. */
  readonly sequentialShare: number;
  /** Flushes for each write, 0 to 1. */
  readonly flushesPerWrite: number;
  /** Part of the disk that is written sooner or later, in bytes; at most its capacity. */
  readonly workingSetBytes: number;
}

/** Kinds of work on a disk; the working set is a share of the capacity. */
export const DISK_WORK_PROFILES = {
  /** A system disk at rest: logs and some reads. */
  system: {
    depth: 4,
    readShare: 0.4,
    readBytes: 16_384,
    writeBytes: 8192,
    sequentialShare: 0.2,
    flushesPerWrite: 0.1,
  },
  /** A data base: small, random, and careful. */
  database: {
    depth: 32,
    readShare: 0.7,
    readBytes: 8192,
    writeBytes: 8192,
    sequentialShare: 0,
    flushesPerWrite: 0.2,
  },
  /** A file server or backup: long transfers. */
  stream: {
    depth: 8,
    readShare: 0.5,
    readBytes: 262_144,
    writeBytes: 262_144,
    sequentialShare: 0.9,
    flushesPerWrite: 0.01,
  },
} as const satisfies Record<string, Omit<DiskWork, 'workingSetBytes'>>;

/** How an image takes space: all at once, or cluster by cluster on first writes. */
export type ImageFormat = 'raw-thick' | 'raw-sparse' | 'qcow2' | 'block';

/** A guest's disk, for {@link compileDisk}. */
export interface DiskSpec {
  /** `<target dev=>`. */
  readonly target: string;
  /** The path or volume behind it. */
  readonly source: string;
  /** `<alias name=>`. */
  readonly alias: string;
  readonly format: ImageFormat;
  /** Size that the guest sees, in bytes. */
  readonly capacityBytes: number;
  /** `<driver error_policy=>`; libvirt leaves it to the emulator when absent: enospace. */
  readonly errorPolicy?: ErrorPolicy;
  /** `<driver rerror_policy=>`; report when absent. */
  readonly rerrorPolicy?: Exclude<ErrorPolicy, 'enospace'>;
  /** `<iotune>`. */
  readonly iotune?: IotuneConfig;
  /** `<blkiotune>`'s weight, 10 to 1000; 500 when absent. */
  readonly weight?: number;
  readonly work: DiskWork;
}

/** The emulator's own choice for writes and reads (facts, section 11: QEMU's block-backend). */
export const POLICY_DEFAULTS = { errorPolicy: 'enospace', rerrorPolicy: 'report' } as const;

/** Bytes of one allocation unit: qcow2's default cluster, a file system's block, all for thick images. */
export const CLUSTER_BYTES: Readonly<Record<ImageFormat, number>> = {
  'raw-thick': 0,
  'raw-sparse': 4096,
  qcow2: 65_536,
  block: 0,
};
