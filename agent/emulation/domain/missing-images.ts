import type { Core } from '../core.ts';
import type { ManagementEvent } from '../management-event.ts';
import { isDrive, modelDisk } from '../process/process-config.ts';
import type { Domain } from './domain.ts';
import type { DiskConfig, DomainConfig } from './domain-config.ts';

/** What a start makes of images that are gone: it fails, or goes on with another definition. */
export type StartWithout =
  | 'fails'
  | {
      readonly config: DomainConfig;
      readonly events: readonly Extract<ManagementEvent, { event: 'DISK_CHANGE' }>[];
    };

/**
 * Looks for the images of a domain's disks; `undefined` when all are there.
 *
 * `<source startupPolicy=>`: `optional` goes without, `requisite` only when the guest is restored from an image
 * of its memory. An empty drive stays, a disk goes (virDomainDiskStartupPolicy).
 */
export function startWithout(core: Core, domain: Domain, restores: boolean): StartWithout | undefined {
  const { config } = domain;
  const gone = config.disks.filter((disk) => isGone(core, domain, disk));
  if (gone.length === 0) return undefined;
  const dispensable = ({ startupPolicy }: DiskConfig): boolean =>
    startupPolicy === 'optional' || (startupPolicy === 'requisite' && restores);
  if (!gone.every(dispensable)) return 'fails';
  return {
    config: Object.freeze({
      ...config,
      disks: config.disks.flatMap((disk) => {
        if (!gone.includes(disk)) return [disk];
        const { source: _source, ...empty } = disk;
        return isDrive(disk) ? [] : [empty];
      }),
    }),
    events: gone.map((disk) => ({
      event: 'DISK_CHANGE',
      oldSource: disk.source ?? '',
      alias: aliasOf(config, disk),
      reason: isDrive(disk) ? 'DROP_MISSING_ON_START' : 'MISSING_ON_START',
    })),
  };
}

function isGone(core: Core, domain: Domain, disk: DiskConfig): boolean {
  // A drive without a medium misses nothing.
  if (!isDrive(disk) && disk.source === undefined) return false;
  return core.faults
    .of(domain)
    .some(
      ({ kind, parameters }) => kind === 'image-missing' && (parameters.disk ?? disk.target) === disk.target,
    );
}

/** libvirt's alias of a disk of a definition. */
export function aliasOf({ disks }: DomainConfig, disk: DiskConfig): string {
  return modelDisk(disk, disks.filter(({ bus }) => bus === disk.bus).indexOf(disk)).alias;
}
