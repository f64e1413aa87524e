import type { Host } from '../../emulation/host.ts';
import { PRESSURE_LEVELS } from '../../emulation/memory/host-memory.ts';
import { PAGE_KIB } from '../../emulation/memory/memory-config.ts';
import type { ScalarBinding } from '../../mib/module.ts';
import type { Value } from '../../mib/value.ts';
import { dateAndTime, type Readers, ticks, truth } from './convert.ts';

/** Versions by era, counted as libvirt does; of RHEL 6.2, and of Debian 12. */
const SOFTWARE = {
  rhel6: {
    hypervisor: 12_001,
    libvirt: 9004,
    kernel: '2.6.32-220.el6.x86_64',
    cpu: 'Intel(R) Xeon(R) CPU X7560',
  },
  modern: {
    hypervisor: 7_002_000,
    libvirt: 9_000_000,
    kernel: '6.1.0-13-amd64',
    cpu: 'AMD EPYC 7502 32-Core Processor',
  },
} as const;
const PROFILE = { rhel6: 1, modern: 2 } as const;

/** The host's own objects, of KSM, and of the alarms, none of which is raised. */
export function hostScalars(
  host: Host,
  nowMs: () => number,
  { upTime, wallMs }: Readers,
): Record<string, ScalarBinding> {
  const software = () => SOFTWARE[host.config.profile];
  const pages = (read: (memory: Host['memory']) => number) => () => read(host.memory) * PAGE_KIB;
  const ksm = (read: (counters: Host['memory']['ksm']['counters']) => number) => () =>
    host.config.ksm.run === 0 ? undefined : read(host.memory.ksm.counters);
  const readers: Record<string, () => Value | undefined> = {
    lvsHostName: () => host.name,
    lvsHostHypervisor: () => hypervisorOf(host),
    lvsHostHypervisorVersion: () => software().hypervisor,
    lvsHostLibvirtVersion: () => software().libvirt,
    lvsHostKernel: () => software().kernel,
    lvsHostProfile: () => PROFILE[host.config.profile],
    lvsHostUpTime: () => ticks(nowMs() - host.bootedMs),
    lvsHostBoots: () => host.boots,
    lvsHostBootTime: () => dateAndTime(wallMs(host.bootedMs)),
    lvsHostCpuModel: () => software().cpu,
    lvsHostCpuMhz: () => host.config.cpu.mhz,
    lvsHostCpuSockets: () => host.config.cpu.sockets,
    lvsHostCpuCores: () => host.config.cpu.cores,
    lvsHostCpuThreads: () => host.config.cpu.threads,
    lvsHostMemTotal: pages(({ pages: { total } }) => total),
    lvsHostMemFree: pages(({ pages: { free } }) => free),
    lvsHostMemOwn: pages(({ pages: { hostUse } }) => hostUse),
    lvsHostMemPressure: () => PRESSURE_LEVELS.indexOf(host.memory.pressure) + 1,
    lvsHostSwapTotal: pages(({ pages: { swapTotal } }) => swapTotal),
    lvsHostSwapFree: pages(({ pages: { swapFree } }) => swapFree),
    lvsHostSwapIns: () => host.memory.swapIns,
    lvsHostSwapOuts: () => host.memory.swapOuts,
    lvsHostOomKills: () => host.memory.oomKills,
    lvsHostGuests: () => host.domains.size,
    lvsHostGuestsActive: () => count(host, () => 1),
    lvsHostVcpusActive: () => count(host, ({ vcpus }) => vcpus),
    lvsHostGuestLastChange: () => upTime(host.guestsChangedMs),
    lvsKsmRun: () => truth(host.config.ksm.run === 1),
    lvsKsmPagesShared: ksm(({ pagesShared }) => pagesShared),
    lvsKsmPagesSharing: ksm(({ pagesSharing }) => pagesSharing),
    lvsKsmPagesUnshared: ksm(({ pagesUnshared }) => pagesUnshared),
    lvsKsmPagesVolatile: ksm(({ pagesVolatile }) => pagesVolatile),
    lvsKsmFullScans: ksm(({ fullScans }) => fullScans),
    lvsSoftwareLastChange: () => upTime(host.software.changedMs),
    lvsAlarmsActive: () => 0,
    lvsAlarmsCritical: () => 0,
    lvsAlarmsMajor: () => 0,
    lvsAlarmsMinor: () => 0,
    lvsAlarmsWarning: () => 0,
    lvsAlarmsIndeterminate: () => 0,
    lvsAlarmsRaised: () => 0,
    lvsAlarmsCleared: () => 0,
    lvsAlarmsLastChange: () => 0,
  };
  return Object.fromEntries(Object.entries(readers).map(([name, read]) => [name, { read }]));
}

function count(host: Host, of: (domain: { readonly vcpus: number }) => number): number {
  let sum = 0;
  for (const domain of host.domains) if (domain.isActive) sum += of(domain);
  return sum;
}

/** libvirt's name for what drives most of the guests: a real host has one hypervisor beside its containers. */
function hypervisorOf({ domains }: Host): string {
  let xen = 0;
  let containers = 0;
  for (const { config } of domains) {
    if (config.type === 'xen') xen++;
    if (config.type === 'lxc') containers++;
  }
  const emulated = domains.size - xen - containers;
  if (xen > emulated) return 'Xen';
  return emulated === 0 && containers > 0 ? 'LXC' : 'QEMU';
}
