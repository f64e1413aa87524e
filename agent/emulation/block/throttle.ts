import { type DiskWork, type IotuneConfig, LIMIT_NAMES, type LimitName } from './block-config.ts';

/** One limit of a disk, compiled for its work. */
export interface ThrottleLimit {
  /** Place of the limit among LIMIT_NAMES. */
  readonly index: number;
  /** Data requests per second that the limit allows for ever. */
  readonly perSecond: number;
  /** Data requests per second in a burst; not above perSecond when there is none. */
  readonly max: number;
  /** Data requests above perSecond that one whole burst has. */
  readonly burst: number;
}

/** How much of a limit's unit one data request of this work uses on average. */
function unitsPerRequest(name: LimitName, work: DiskWork): number {
  const reads = work.readShare;
  const writes = 1 - work.readShare;
  switch (name) {
    case 'total_iops':
      return 1;
    case 'read_iops':
      return reads;
    case 'write_iops':
      return writes;
    case 'total_bytes':
      return reads * work.readBytes + writes * work.writeBytes;
    case 'read_bytes':
      return reads * work.readBytes;
    case 'write_bytes':
      return writes * work.writeBytes;
  }
}

/** The limits of a disk as limits on its data requests; `undefined` when none binds this work. */
export function compileThrottle(
  iotune: IotuneConfig | undefined,
  work: DiskWork,
): readonly ThrottleLimit[] | undefined {
  const limits = LIMIT_NAMES.flatMap((name, index) => {
    const limit = iotune?.[name];
    const units = unitsPerRequest(name, work);
    if (limit === undefined || limit.perSecond === 0 || units === 0) return [];
    const perSecond = limit.perSecond / units;
    const max = Math.max(limit.max, limit.perSecond) / units;
    return [{ index, perSecond, max, burst: (max - perSecond) * limit.lengthSeconds }];
  });
  return limits.length === 0 ? undefined : limits;
}

/** Data requests per second that the limits allow in a span of so many seconds. `at` is the first BURST field. */
export function allowedRate(
  limits: readonly ThrottleLimit[],
  numbers: Float64Array,
  at: number,
  spanSeconds: number,
): number {
  let rate = Number.POSITIVE_INFINITY;
  for (let i = 0; i < limits.length; i++) {
    const { index, perSecond, max, burst } = limits[i]!;
    const left = burst - numbers[at + index]!;
    rate = Math.min(rate, max, perSecond + left / spanSeconds);
  }
  return rate;
}

/** Books what was used in a span: bursts are used up above the lasting rate, and fill up below it. */
export function useBursts(
  limits: readonly ThrottleLimit[],
  numbers: Float64Array,
  at: number,
  spanSeconds: number,
  rate: number,
): void {
  for (let i = 0; i < limits.length; i++) {
    const { index, perSecond, burst } = limits[i]!;
    const used = numbers[at + index]! + (rate - perSecond) * spanSeconds;
    numbers[at + index] = Math.min(burst, Math.max(0, used));
  }
}
