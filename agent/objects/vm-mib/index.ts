import type { Host } from '../../emulation/host/host.ts';
import { latestOf } from '../../emulation/platform/software.ts';
import { VM_MIB } from '../../mib/generated/vm-mib.ts';
import type { BoundModule, ScalarBinding } from '../../mib/module.ts';
import type { Oid } from '../../util/oid.ts';
import type { Interfaces } from '../if-mib/interfaces.ts';
import { cut, ticks, truth } from '../libvirt-stats/convert.ts';
import { affinityTable, cpuTable, machineTable } from './machine-tables.ts';
import type { MachineWatch } from './machine-watch.ts';
import { networkTable } from './network-table.ts';
import { storageTable } from './storage-table.ts';
import type { NotificationSwitches, VmSwitches } from './switches.ts';

/** Packages that are the hypervisor, the one that is looked for first in front. */
const HYPERVISORS = ['qemu-kvm', 'qemu-system-x86', 'qemu', 'xen', 'libvirt'];

export interface VmMibOptions {
  readonly host: Host;
  readonly watch: MachineWatch;
  readonly switches: NotificationSwitches;
  /** Where IF-MIB is served. */
  readonly interfaces: Interfaces | undefined;
  /** vmHvObjectID: who simulates the hypervisor. */
  readonly objectId: Oid;
  /** Simulated ms since the simulation started. */
  readonly nowMs: () => number;
}

/** VM-MIB (RFC 7666) over one host: vmFullCompliances, with both groups of notifications. */
export function vmMib({ host, watch, switches, interfaces, objectId, nowMs }: VmMibOptions): BoundModule {
  const upTime = (atMs: number) => ticks(Math.max(0, atMs - host.bootedMs));
  return {
    definition: VM_MIB,
    description: 'Virtual machines, and the hypervisor that runs them',
    scalars: {
      vmHvSoftware: { read: () => cut(hypervisor(host).name) },
      vmHvVersion: { read: () => cut(hypervisor(host).version) },
      vmHvObjectID: { read: () => objectId },
      vmHvUpTime: { read: () => upTime(nowMs()) },
      vmNumber: { read: () => host.domains.size },
      vmTableLastChange: { read: () => upTime(watch.lastChangeMs) },
      vmPerVMNotificationsEnabled: switching(switches, 'perVm'),
      vmBulkNotificationsEnabled: switching(switches, 'bulk'),
    },
    tables: {
      vmTable: machineTable(host),
      vmCpuTable: cpuTable(host),
      vmCpuAffinityTable: affinityTable(host),
      vmStorageTable: storageTable(host, nowMs),
      vmNetworkTable: networkTable(host, interfaces),
    },
  };
}

function hypervisor({ software }: Host): { readonly name: string; readonly version: string } {
  for (const name of HYPERVISORS) {
    const found = latestOf(software, name);
    if (found) return found;
  }
  return { name: 'libvirt', version: '' };
}

function switching(switches: NotificationSwitches, which: keyof VmSwitches): ScalarBinding {
  return {
    read: () => truth(switches.values[which]),
    testSet(value) {
      let undo = () => {};
      return {
        commit() {
          undo = switches.change({ [which]: value === truth(true) });
        },
        undo: () => undo(),
      };
    },
  };
}
