import type { DeviceKind } from '../block/block-config.ts';
import type { Host } from '../host/host.ts';
import type { HostConfig, PoolConfig } from '../host/host-config.ts';
import { uplinksOf } from '../host/host-links.ts';
import type { HostResources } from '../host/host-resources.ts';
import type { Uplink } from '../net/uplink.ts';

/** A disk of the host: what a pool lies on that is not on another host. */
export interface HostDisk {
  /** Number of its pool. */
  readonly pool: number;
  readonly kind: DeviceKind;
  /** What the kernel calls it, such as sda or nvme0n1. */
  readonly name: string;
  /** That of its only partition. */
  readonly partition: string;
  /** Major and minor number of the partition, as the kernel packs them. */
  readonly deviceNumber: number;
}

const FIRST_LETTER = 97;
const LETTERS = 26;
const MINORS_OF_DISK = 16;
const MAJOR = { sd: 8, nvme: 259 } as const;

/** The disks of a host, by the numbers of their pools. */
export function hostDisks({ pools }: HostConfig): readonly HostDisk[] {
  let scsi = 0;
  let nvme = 0;
  const disks: HostDisk[] = [];
  pools.forEach(({ type, device: { kind = 'ssd' } }, pool) => {
    if (type === 'netfs') return;
    if (kind === 'nvme') {
      const name = `nvme${nvme++}n1`;
      disks.push({ pool, kind, name, partition: `${name}p1`, deviceNumber: (MAJOR.nvme << 8) + nvme });
    } else {
      const name = `sd${letters(scsi)}`;
      const deviceNumber = (MAJOR.sd << 8) + MINORS_OF_DISK * scsi++ + 1;
      disks.push({ pool, kind, name, partition: `${name}1`, deviceNumber });
    }
  });
  return disks;
}

/** The kernel's count in letters: a to z, aa, ab, and so on. */
function letters(number: number): string {
  const last = String.fromCharCode(FIRST_LETTER + (number % LETTERS));
  return number < LETTERS ? last : letters(Math.floor(number / LETTERS) - 1) + last;
}

/** Where a pool is mounted; `undefined` for a volume group, which is not. */
export function mountPoint({ name, type }: PoolConfig): string | undefined {
  if (type === 'logical') return undefined;
  return `/var/lib/libvirt/${type === 'dir' && name === 'default' ? 'images' : name}`;
}

/** Where the server of a pool on another host has it; `undefined` for one of this host. */
export function remoteMountPoint({ name, type }: PoolConfig): string | undefined {
  return type === 'netfs' ? `storage:/export/${name}` : undefined;
}

/** A physical NIC of the host. */
export interface HostNic {
  readonly name: string;
  /** Of what it is the uplink, alone or as a slave: one bridge, or macvtap in one or more modes. */
  readonly uplinks: readonly Uplink[];
}

/** The physical NICs of a host, in the order in which they came to be used; the same list until another one comes. */
export class HostNics {
  readonly #host: Host;
  #resources: HostResources | undefined;
  #changes = -1;
  #nics: readonly HostNic[] = [];

  constructor(host: Host) {
    this.#host = host;
  }

  get all(): readonly HostNic[] {
    const resources = this.#host.engine.host;
    if (resources !== this.#resources || resources.segmentChanges !== this.#changes) {
      this.#resources = resources;
      this.#changes = resources.segmentChanges;
      this.#nics = nicsOf(resources);
    }
    return this.#nics;
  }
}

function nicsOf(resources: HostResources): HostNic[] {
  const byName = new Map<string, Uplink[]>();
  for (const { nic } of uplinksOf(resources)) {
    const { name } = nic.config;
    const others = byName.get(name);
    if (others) others.push(nic);
    else byName.set(name, [nic]);
  }
  return Array.from(byName, ([name, uplinks]) => ({ name, uplinks }));
}
