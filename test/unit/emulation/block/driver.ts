import {
  DEVICE_DEFAULTS,
  type DeviceConfig,
  DISK_WORK_PROFILES,
  type DiskSpec,
} from '../../../../agent/emulation/block/block-config.ts';
import type { BlockConsequence } from '../../../../agent/emulation/block/block-consequence.ts';
import {
  type DiskInput,
  demandDisk,
  type HostStorage,
  openDisk,
  QUIET_DISK,
  runDisk,
} from '../../../../agent/emulation/block/disk.ts';
import { DISK_SHAPE, type DiskPlace } from '../../../../agent/emulation/block/disk-places.ts';
import { compileDisk, type DiskPlan } from '../../../../agent/emulation/block/disk-plan.ts';
import { type DiskField, readDisk } from '../../../../agent/emulation/block/disk-read.ts';
import { HostDevices } from '../../../../agent/emulation/block/host-storage.ts';
import { StoragePools } from '../../../../agent/emulation/block/storage-pools.ts';
import { Layout } from '../../../../agent/emulation/machine/layout.ts';
import { begin, createMachine, type Machine, settle } from '../../../../agent/emulation/machine/machine.ts';

export const MEBIBYTE = 2 ** 20;
export const GIBIBYTE = 2 ** 30;

/** One guest with one disk, as the driver sees it. */
export interface TestGuest {
  readonly machine: Machine;
  readonly place: DiskPlace;
  readonly plan: DiskPlan;
  input: DiskInput;
  running: boolean;
}

export function spec(changes: Partial<DiskSpec> = {}): DiskSpec {
  return {
    target: 'vda',
    source: '/images/guest.img',
    alias: 'virtio-disk0',
    format: 'raw-thick',
    capacityBytes: 10 * GIBIBYTE,
    work: { ...DISK_WORK_PROFILES.system, workingSetBytes: 10 * GIBIBYTE },
    ...changes,
  };
}

/** Plays the tick pipeline of a host that has disks only. */
export class StorageDriver {
  readonly host: HostStorage;
  readonly guests: TestGuest[] = [];
  readonly consequences: BlockConsequence[] = [];
  readonly #configs: readonly DeviceConfig[];
  nowMs = 0;

  constructor(configs: readonly DeviceConfig[] = [DEVICE_DEFAULTS.hdd], pools: readonly number[] = [1e15]) {
    this.#configs = configs;
    this.host = { devices: new HostDevices(configs), pools: new StoragePools(pools) };
  }

  add(disk: DiskSpec, input: Partial<DiskInput>, device = 0, pool = 0): TestGuest {
    const layout = new Layout([DISK_SHAPE]);
    const machine = createMachine(layout);
    const place = { part: layout.parts[0]!, counterCount: layout.counterCount };
    const plan = compileDisk(disk, device, this.#configs[device]!, pool);
    openDisk(machine.numbers, place, 0);
    const guest = this.guests.length;
    const added = { machine, place, plan, input: { ...QUIET_DISK, ...input, guest }, running: true };
    this.guests.push(added);
    return added;
  }

  /** One tick: what stops a guest is applied at its end, as the hypervisor does. */
  tick(spanMs = 1000): void {
    const { devices, pools } = this.host;
    const running = this.guests.filter((guest) => guest.running);
    devices.beginTick();
    pools.beginTick(this.nowMs, spanMs);
    for (const { machine, place, plan, input } of running) {
      settle(machine, this.nowMs);
      begin(machine, this.nowMs, spanMs);
      demandDisk(machine.numbers, place, plan, input, this.host);
    }
    devices.share();
    const out: BlockConsequence[] = [];
    for (const { machine, place, plan, input } of running)
      runDisk(machine.numbers, place, plan, input, this.host, out);
    this.nowMs += spanMs;
    for (const each of out) {
      if (each.kind !== 'io-error' || each.action !== 'pause') continue;
      const guest = this.guests[each.guest]!;
      settle(guest.machine, this.nowMs);
      guest.running = false;
    }
    this.consequences.push(...out);
  }

  ticks(count: number, spanMs = 1000): void {
    for (let i = 0; i < count; i++) this.tick(spanMs);
  }

  read({ machine, place }: TestGuest, field: DiskField): number {
    return readDisk(machine, place, field, this.nowMs);
  }
}
