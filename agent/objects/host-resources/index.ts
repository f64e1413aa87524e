import type { Host } from '../../emulation/host/host.ts';
import type { Hypervisor } from '../../emulation/hypervisor.ts';
import { HOST_RESOURCES_MIB } from '../../mib/generated/host-resources-mib.ts';
import type { BoundModule } from '../../mib/module.ts';
import type { InterfaceNumbers } from '../interface-numbers.ts';
import { cut, dateAndTime, type Readers, ticks } from '../libvirt-stats/convert.ts';
import { SetTransaction } from '../set-transaction.ts';
import { deviceTables } from './device-tables.ts';
import { Devices } from './devices.ts';
import { installedSoftware } from './installed-software.ts';
import { ProcessRows, runningSoftware } from './running-software.ts';
import { memorySizeKiB, storageTable } from './storage-table.ts';

/** The process that the kernel starts first. */
const INIT = 1;
const MOST_PARAMETERS = 128;

/**
 * HOST-RESOURCES-MIB (RFC 2790) over one host. Written is hrSWRunStatus alone, as its compliance statement allows.
 *
 * `interfaces` is absent where IF-MIB is not served. `upTime`: sysUpTime at a simulated instant.
 */
export function hostResourcesMib(
  hypervisor: Hypervisor,
  host: Host,
  interfaces: InterfaceNumbers | undefined,
  upTime: Readers['upTime'],
): BoundModule {
  const { clock } = hypervisor;
  const nowMs = () => clock.nowMs;
  const readers: Readers = { upTime, wallMs: (atMs) => clock.wallMs - (clock.nowMs - atMs) };
  const devices = new Devices(host, interfaces);
  const processes = new ProcessRows(host, host.domains.processes());
  return {
    definition: HOST_RESOURCES_MIB,
    description: 'What the host is made of, and what runs on it',
    scalars: {
      hrSystemUptime: { read: () => ticks(nowMs() - host.bootedMs) },
      // All hosts of a fleet go by one clock, which is not a manager's to set.
      hrSystemDate: { read: () => dateAndTime(clock.wallMs), readOnly: true },
      hrSystemInitialLoadDevice: { read: () => devices.bootIndex, readOnly: true },
      hrSystemInitialLoadParameters: { read: () => loadParameters(host), readOnly: true },
      // Nobody logs in to a hypervisor: all that is done comes by way of libvirt.
      hrSystemNumUsers: { read: () => 0 },
      hrSystemProcesses: { read: () => processes.size },
      // Linux has no limit of its own here.
      hrSystemMaxProcesses: { read: () => 0 },
      hrMemorySize: { read: () => memorySizeKiB(host) },
      hrSWOSIndex: { read: () => INIT },
      hrSWInstalledLastChange: { read: () => upTime(host.software.changedMs) },
      // The table is what is installed now.
      hrSWInstalledLastUpdateTime: { read: () => upTime(nowMs()) },
    },
    tables: {
      hrStorageTable: storageTable(host, nowMs),
      ...deviceTables(host, devices, nowMs),
      ...runningSoftware(host, processes, SetTransaction.of(hypervisor), nowMs),
      hrSWInstalledTable: installedSoftware(host, readers),
    },
  };
}

/** What the boot loader hands to the kernel that runs. */
function loadParameters({ config, software }: Host): string {
  const { version = '' } = software.booted.kernel ?? {};
  const parameters =
    config.profile === 'modern'
      ? `BOOT_IMAGE=/vmlinuz-${version} root=LABEL=root ro quiet`
      : `BOOT_IMAGE=/vmlinuz-${version} ro root=LABEL=root rhgb quiet crashkernel=auto`;
  return cut(parameters, MOST_PARAMETERS);
}
