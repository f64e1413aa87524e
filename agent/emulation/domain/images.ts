import { wordNoise } from '../../util/random.ts';
import { CLUSTER_BYTES } from '../block/block-config.ts';
import { readDiskSpace } from '../block/disk-read.ts';
import type { GuestLoad } from '../guest/guest-load.ts';
import type { Host } from '../host/host.ts';
import type { EmulatorProcess } from '../process/emulator-process.ts';
import { isDrive, modelDisk } from '../process/process-config.ts';
import type { DomainConfig } from './domain-config.ts';

/** Bytes that the image of each disk takes, by target: they stay when the guest stops. */
export type Images = ReadonlyMap<string, number>;

/** Sets the draw for the first disk's image apart from others of the guest. */
const FIRST_DRAW = -16;
/** Share of the part that will be written which is, in an image that has been used before. */
const LEAST_USED = 0.2;
const USED_RANGE = 0.5;

/**
 * The images of a definition's disks, with those that are not there yet made in their pools.
 *
 * A thick image takes all of its size, a thin one what its guest has written before the simulation began: a
 * share that the guest's key decides. A pool without so much room gives nothing.
 */
export function imagesAtLaunch(host: Host, config: DomainConfig, load: GuestLoad, known: Images): Images {
  const missing = config.disks.filter((disk) => isDrive(disk) && !known.has(disk.target));
  if (missing.length === 0) return known;
  const images = new Map(known);
  const { pools } = host.storage;
  missing.forEach((disk, i) => {
    const { format, capacityBytes, work } = modelDisk(disk, i);
    const cluster = CLUSTER_BYTES[format];
    const used = LEAST_USED + USED_RANGE * wordNoise(load.low, load.high, FIRST_DRAW - i);
    const bytes =
      cluster === 0 ? capacityBytes : Math.floor((used * work.workingSetBytes) / cluster) * cluster;
    const pool = host.engine.host.poolOf(disk.pool);
    images.set(disk.target, pools.allocate(pool, bytes) ? bytes : 0);
  });
  return images;
}

/** What the images take when an emulator process ends. */
export function imagesNow(before: Images, { machine, disks }: EmulatorProcess, nowMs: number): Images {
  const images = new Map(before);
  for (const { config, place, plan } of disks)
    if (isDrive(config)) images.set(config.target, readDiskSpace(machine, place, plan, nowMs).allocation);
  return images;
}
