import {
  type ImageFormat,
  type IotuneConfig,
  iotuneRefusal,
  LIMIT_NAMES,
  type Limit,
  type LimitName,
} from '../../block/block-config.ts';
import type { DiskConfig } from '../../domain/domain-config.ts';
import { attribute, child, children, type XmlElement } from './element.ts';
import { wholeNumber } from './values.ts';

/** What of a disk is tuning. */
type DiskTuning = Pick<DiskConfig, 'format' | 'pool' | 'errorPolicy' | 'rerrorPolicy' | 'iotune'>;

/** Formats that take space cluster by cluster, as qcow2 does. */
const CLUSTERED = ['qcow2', 'qcow', 'qed', 'cow'];

/** What a disk that passed the checks says of its image, errors and limits; the rest is absent. */
export function readDiskTuning(disk: XmlElement, type: string): DiskTuning {
  const driver = child(disk, 'driver');
  const format = readFormat(attribute(driver, 'type'), type);
  const pool = type === 'volume' ? attribute(child(disk, 'source'), 'pool') : undefined;
  const iotune = readIotune(child(disk, 'iotune'));
  return {
    ...(format ? { format } : {}),
    ...(pool ? { pool } : {}),
    ...readPolicies(driver),
    ...(iotune ? { iotune } : {}),
  };
}

/** Weights of `<blkiotune>`: of all disks, and of single ones by what is behind them. */
export interface BlkioWeights {
  readonly all: number | undefined;
  readonly bySource: ReadonlyMap<string, number>;
}

/** The weights that libvirt takes, 10 to 1000; others are left out, as 0 is. */
export function readBlkioWeights(blkiotune: XmlElement | undefined): BlkioWeights {
  const weightOf = (element: XmlElement | undefined) =>
    wholeNumber(child(element, 'weight')?.text ?? '', { min: 10, max: 1000 });
  const bySource = new Map<string, number>();
  for (const device of children(blkiotune, 'device')) {
    const weight = weightOf(device);
    if (weight !== undefined) bySource.set(child(device, 'path')?.text ?? '', weight);
  }
  return { all: weightOf(blkiotune), bySource };
}

/** Whether a raw image of a file system has holes is not said: files that libvirt makes have them. */
function readFormat(driverType: string | undefined, type: string): ImageFormat | undefined {
  if (driverType === undefined) return undefined;
  if (CLUSTERED.includes(driverType)) return 'qcow2';
  if (driverType !== 'raw') return undefined;
  return type === 'block' || type === 'nvme' || type === 'vhostvdpa' ? 'block' : 'raw-sparse';
}

/** Without a policy for reads that of writes counts for both, unless it is enospace (formatdomain.html). */
function readPolicies(driver: XmlElement | undefined): Pick<DiskConfig, 'errorPolicy' | 'rerrorPolicy'> {
  const write = policy(attribute(driver, 'error_policy'));
  const read = policy(attribute(driver, 'rerror_policy')) ?? write;
  return {
    ...(write ? { errorPolicy: write } : {}),
    ...(read && read !== 'enospace' ? { rerrorPolicy: read } : {}),
  };
}

function policy(text: string | undefined): DiskConfig['errorPolicy'] {
  return text === 'stop' || text === 'report' || text === 'ignore' || text === 'enospace' ? text : undefined;
}

/** The limits; `undefined` without any, and for limits that libvirt's driver would refuse at start. */
function readIotune(element: XmlElement | undefined): IotuneConfig | undefined {
  if (element === undefined) return undefined;
  const limits: Partial<Record<LimitName, Limit>> = {};
  for (const name of LIMIT_NAMES) {
    const perSecond = count(element, `${name}_sec`);
    const max = count(element, `${name}_sec_max`);
    if (perSecond === 0 && max === 0) continue;
    limits[name] = { perSecond, max, lengthSeconds: count(element, `${name}_sec_max_length`) || 1 };
  }
  return Object.keys(limits).length === 0 || iotuneRefusal(limits) !== undefined ? undefined : limits;
}

function count(iotune: XmlElement, name: string): number {
  return wholeNumber(child(iotune, name)?.text ?? '', { max: Number.POSITIVE_INFINITY }) ?? 0;
}
