import {
  DISK_WORK_PROFILES,
  type IotuneConfig,
  iotuneRefusal,
  LIMIT_NAMES,
} from '../emulation/block/block-config.ts';
import { BLOCK_JOB_TYPE, type BlockJobType } from '../emulation/block/block-job.ts';
import type { DiskConfig } from '../emulation/domain/domain-config.ts';
import { choice, option, section } from './fields.ts';
import { amount, given, group, label, number, type Read, wholeNumber, word } from './optional.ts';

const POLICIES = ['stop', 'report', 'ignore', 'enospace'] as const;
const READ_POLICIES = ['stop', 'report', 'ignore'] as const;
const FORMATS = ['raw-thick', 'raw-sparse', 'qcow2', 'block'] as const;
const WORKS = ['system', 'database', 'stream'] as const;
const MOST_LIMIT = 2 ** 50;
const GIB = 2 ** 30;

function limits(what: string) {
  return {
    Sec: wholeNumber(0, MOST_LIMIT, `${what} a second; 0 is no limit.`, '0'),
    Max: wholeNumber(0, MOST_LIMIT, `${what} a second in a burst; 0 is no burst.`, '0'),
    Length: wholeNumber(1, 1_000_000, 'Seconds that such a burst may last.', '1'),
  };
}

const totalIops = limits('Requests');
const readIops = limits('Reads');
const writeIops = limits('Writes');
const totalBytes = limits('Bytes');
const readBytes = limits('Bytes read');
const writeBytes = limits('Bytes written');

const iotune = section({
  totalIopsSec: totalIops.Sec,
  totalIopsSecMax: totalIops.Max,
  totalIopsSecMaxLength: totalIops.Length,
  readIopsSec: readIops.Sec,
  readIopsSecMax: readIops.Max,
  readIopsSecMaxLength: readIops.Length,
  writeIopsSec: writeIops.Sec,
  writeIopsSecMax: writeIops.Max,
  writeIopsSecMaxLength: writeIops.Length,
  totalBytesSec: totalBytes.Sec,
  totalBytesSecMax: totalBytes.Max,
  totalBytesSecMaxLength: totalBytes.Length,
  readBytesSec: readBytes.Sec,
  readBytesSecMax: readBytes.Max,
  readBytesSecMaxLength: readBytes.Length,
  writeBytesSec: writeBytes.Sec,
  writeBytesSecMax: writeBytes.Max,
  writeBytesSecMaxLength: writeBytes.Length,
}).transform((from, context) => {
  const found: Record<string, IotuneConfig[keyof IotuneConfig]> = {};
  for (const limit of LIMIT_NAMES) {
    const key = limit.replace(/_./, (text) => text[1]!.toUpperCase()) as 'totalIops';
    const perSecond = from[`${key}Sec`] ?? 0;
    const max = from[`${key}SecMax`] ?? 0;
    if (perSecond > 0 || max > 0)
      found[limit] = { perSecond, max, lengthSeconds: from[`${key}SecMaxLength`] ?? 1 };
  }
  const refusal = iotuneRefusal(found);
  if (refusal !== undefined)
    context.issues.push({ code: 'custom', message: refusal, input: from, params: { whole: true } });
  return found as IotuneConfig;
});

const JOB_TYPES = Object.keys(BLOCK_JOB_TYPE) as [BlockJobType, ...BlockJobType[]];

const job = section({
  type: option(choice(JOB_TYPES), { about: 'What it does.', expected: `one of ${JOB_TYPES.join(', ')}` }),
  bytesPerSecond: wholeNumber(1, MOST_LIMIT, 'How fast it may be.', 'as fast as the device can'),
});

/** What one disk of a listed domain may have beside what is behind it. */
export const DISK_SYSTEMS = {
  format: word(
    FORMATS,
    'How the image takes space: all at once, or on first writes.',
    'qcow2 for files, block for others',
  ),
  gibibytes: number(0.001, 1_000_000, 'Size that the guest sees, in GiB.', '20'),
  pool: label(64, 'Storage pool of the host that it lies in.', 'the first'),
  errorPolicy: word(POLICIES, 'What happens when a write fails (`error_policy=`).', 'enospace'),
  rerrorPolicy: word(READ_POLICIES, 'What happens when a read fails (`rerror_policy=`).', 'report'),
  iotune: group(iotune, '`<iotune>`: limits.'),
  weight: wholeNumber(10, 1000, 'Its weight among the disks of its device.', 'the value of `blkioWeight`'),
  work: word(WORKS, 'What its guest does with it.', 'system'),
  workingSet: amount('How much of it is written sooner or later', 'a quarter of its size'),
  requestsPerSecond: number(
    0,
    10_000_000,
    'Requests per second that the guest makes when it is fully busy.',
    '200',
  ),
  job: group(job, 'The block job that goes on when the simulation starts.'),
} as const;

/** The part of a disk's definition that {@link DISK_SYSTEMS} reads; `weight`: that of the domain. */
export function diskSystems(
  from: Read<typeof DISK_SYSTEMS>,
  weight: number | undefined,
): Partial<DiskConfig> {
  const { format, gibibytes, pool, errorPolicy, rerrorPolicy, workingSet, requestsPerSecond } = from;
  const limits = from.iotune;
  const workingSetBytes = workingSet === undefined ? {} : { workingSetBytes: workingSet * 1024 };
  return given({
    format,
    capacityBytes: gibibytes === undefined ? undefined : Math.round(gibibytes * GIB),
    pool,
    errorPolicy,
    rerrorPolicy,
    iotune: limits && Object.keys(limits).length > 0 ? limits : undefined,
    weight: from.weight ?? weight,
    work:
      from.work || workingSet !== undefined
        ? { ...(from.work && DISK_WORK_PROFILES[from.work]), ...workingSetBytes }
        : undefined,
    requestsPerSecond,
    job: from.job && { type: from.job.type, bandwidth: from.job.bytesPerSecond ?? 0 },
  });
}
