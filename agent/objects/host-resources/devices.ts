import type { Host } from '../../emulation/host/host.ts';
import type { HostConfig } from '../../emulation/host/host-config.ts';
import { type HostDisk, type HostNic, HostNics, hostDisks } from '../../emulation/platform/hardware.ts';
import type { Counted } from '../integer-rows.ts';
import type { InterfaceNumbers } from '../interface-numbers.ts';
import { DEVICE_INDEX, processorIndex } from './indexes.ts';

/** A NIC as a device. */
export interface NumberedNic extends HostNic {
  /** hrDeviceIndex. */
  readonly index: number;
  /** 0 where IF-MIB is not served (RFC 2790, hrNetworkIfIndex). */
  readonly ifIndex: number;
}

/** ifIndex of the first NIC where nobody numbers them: 1 is the loopback interface's. */
const FIRST_NIC = 2;

/** The devices of a host by hrDeviceIndex: processors, then NICs, then disks. */
export class Devices {
  readonly #host: Host;
  readonly #interfaces: InterfaceNumbers | undefined;
  readonly #hostNics: HostNics;
  #known: readonly HostNic[] | undefined;
  #nics: readonly NumberedNic[] = [];
  #config: HostConfig | undefined;
  #disks: readonly HostDisk[] = [];

  constructor(host: Host, interfaces: InterfaceNumbers | undefined) {
    this.#host = host;
    this.#interfaces = interfaces;
    this.#hostNics = new HostNics(host);
  }

  /** Its NICs, ascending by their indexes; one without an ifIndex is not shown. */
  get nics(): readonly NumberedNic[] {
    const { all } = this.#hostNics;
    if (all !== this.#known) {
      const numbers = all.map(({ name }, place) =>
        this.#interfaces ? this.#interfaces.indexOf(name) : FIRST_NIC + place,
      );
      this.#nics = all
        .flatMap((nic, place): NumberedNic[] => {
          const number = numbers[place];
          if (number === undefined) return [];
          const index = DEVICE_INDEX.network + number;
          return [{ ...nic, index, ifIndex: this.#interfaces ? number : 0 }];
        })
        .sort((a, b) => a.index - b.index);
      // What has no number yet may get one.
      this.#known = this.#nics.length === all.length ? all : undefined;
    }
    return this.#nics;
  }

  /** Its disks, by the numbers of their pools. */
  get disks(): readonly HostDisk[] {
    if (this.#config !== this.#host.config) {
      this.#config = this.#host.config;
      this.#disks = hostDisks(this.#host.config);
    }
    return this.#disks;
  }

  /** The device that it boots from: its first disk, or without one its first NIC. */
  get bootIndex(): number {
    const [disk] = this.disks;
    if (disk) return DEVICE_INDEX.disk + disk.pool;
    const [nic] = this.nics;
    return nic ? nic.index : processorIndex(0);
  }

  /** The NIC of an hrDeviceIndex that is one's. */
  nic(index: number): NumberedNic {
    return this.nics.find((nic) => nic.index === index)!;
  }

  /** The disk of an hrDeviceIndex that is one's. */
  disk(index: number): HostDisk {
    return this.disks.find(({ pool }) => DEVICE_INDEX.disk + pool === index)!;
  }

  /** Its processors, each a row that is its number. */
  readonly processorRows: Counted<number> = {
    count: () => this.#host.cpu.pcpuCount,
    id: processorIndex,
    row: (place) => place,
  };

  readonly nicRows: Counted<NumberedNic> = {
    count: () => this.nics.length,
    id: (place) => this.nics[place]!.index,
    row: (place) => this.nics[place]!,
  };

  readonly diskRows: Counted<HostDisk> = {
    count: () => this.disks.length,
    id: (place) => DEVICE_INDEX.disk + this.disks[place]!.pool,
    row: (place) => this.disks[place]!,
  };

  /** All of them; a row is its index. */
  readonly rows: Counted<number> = {
    count: () => this.processorRows.count() + this.nics.length + this.disks.length,
    id: (place) => {
      const nic = place - this.processorRows.count();
      if (nic < 0) return processorIndex(place);
      const disk = nic - this.nics.length;
      return disk < 0 ? this.nicRows.id(nic) : this.diskRows.id(disk);
    },
    row: (place) => this.rows.id(place),
  };
}
