import type { Host } from '../../emulation/host/host.ts';
import type { Hypervisor } from '../../emulation/hypervisor.ts';
import { LIBVIRT_STATS_MIB } from '../../mib/generated/libvirt-stats-mib.ts';
import type { BoundModule } from '../../mib/module.ts';
import { SetTransaction } from '../set-transaction.ts';
import { alarmTable } from './alarm-objects.ts';
import { containerTable, namespaceTable } from './container-tables.ts';
import type { Readers } from './convert.ts';
import { debugTable } from './debug-table.ts';
import { agentTable, consoleTable, displayTable, usbTable, watchdogTable } from './device-tables.ts';
import { diskTable } from './disk-table.ts';
import { guestTable } from './guest-table.ts';
import { hostScalars } from './host-objects.ts';
import { hostTables } from './host-tables.ts';
import { guestNodeTable, memoryTable } from './memory-tables.ts';
import { nicTable, queueTable } from './nic-tables.ts';
import { vcpuTable, xenTable } from './vcpu-tables.ts';

/** LIBVIRT-STATS-MIB over one host and its guests. `upTime`: sysUpTime at a simulated instant. */
export function libvirtStatsMib(hypervisor: Hypervisor, host: Host, upTime: Readers['upTime']): BoundModule {
  const { clock } = hypervisor;
  const nowMs = () => clock.nowMs;
  const readers: Readers = { upTime, wallMs: (atMs) => clock.wallMs - (clock.nowMs - atMs) };
  const transaction = SetTransaction.of(hypervisor);
  return {
    definition: LIBVIRT_STATS_MIB,
    description: 'What a libvirt host and its guests do, system by system',
    scalars: hostScalars(host, nowMs, readers),
    tables: {
      ...hostTables(host, nowMs, readers),
      lvsGuestTable: guestTable(host, transaction, readers),
      lvsVcpuTable: vcpuTable(host),
      lvsNicTable: nicTable(host),
      lvsQueueTable: queueTable(host),
      lvsMemTable: memoryTable(host, transaction, readers),
      lvsGuestNodeTable: guestNodeTable(host),
      lvsDiskTable: diskTable(host),
      lvsXenTable: xenTable(host),
      lvsCtTable: containerTable(host, transaction),
      lvsNsTable: namespaceTable(host),
      lvsUsbTable: usbTable(host),
      lvsDisplayTable: displayTable(host),
      lvsConsoleTable: consoleTable(host),
      lvsWatchdogTable: watchdogTable(host),
      lvsAgentTable: agentTable(host, readers),
      lvsDebugTable: debugTable(host, transaction),
      lvsAlarmTable: alarmTable(host, readers),
    },
  };
}
