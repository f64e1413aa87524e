import type { Host } from '../../emulation/host/host.ts';
import { PRESSURE_LEVELS } from '../../emulation/memory/host-memory.ts';
import { PAGE_KIB } from '../../emulation/memory/memory-config.ts';
import { latestOf } from '../../emulation/platform/software.ts';
import type { ScalarBinding } from '../../mib/module.ts';
import type { Value } from '../../mib/value.ts';
import { alarmScalars } from './alarm-objects.ts';
import { dateAndTime, type Readers, ticks, truth } from './convert.ts';

const PROFILE = { rhel6: 1, modern: 2 } as const;

/** The host's own objects, of KSM, and of the alarms. */
export function hostScalars(
  host: Host,
  nowMs: () => number,
  { upTime, wallMs }: Readers,
): Record<string, ScalarBinding> {
  const pages = (read: (memory: Host['memory']) => number) => () => read(host.memory) * PAGE_KIB;
  const ksm = (read: (counters: Host['memory']['ksm']['counters']) => number) => () =>
    host.config.ksm.run === 0 ? undefined : read(host.memory.ksm.counters);
  const readers: Record<string, () => Value | undefined> = {
    lvsHostName: () => host.name,
    lvsHostHypervisor: () => hypervisorOf(host),
    lvsHostHypervisorVersion: () => versionOf(host, 'qemu-kvm'),
    lvsHostLibvirtVersion: () => versionOf(host, 'libvirt'),
    lvsHostKernel: () => host.software.booted.kernel?.version,
    lvsHostProfile: () => PROFILE[host.config.profile],
    lvsHostUpTime: () => ticks(nowMs() - host.bootedMs),
    lvsHostBoots: () => host.boots,
    lvsHostBootTime: () => dateAndTime(wallMs(host.bootedMs)),
    lvsHostCpuModel: () => host.config.cpuModel,
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
    ...alarmScalars(host, { upTime, wallMs }),
  };
  return Object.fromEntries(Object.entries(readers).map(([name, read]) => [name, { read }]));
}

function count(host: Host, of: (domain: { readonly vcpus: number }) => number): number {
  let sum = 0;
  for (const domain of host.domains) if (domain.isActive) sum += of(domain);
  return sum;
}

/** libvirt's name for what drives most of the guests: a real host has one hypervisor beside its containers. */
/** The version of an installed package as libvirt counts it: 0.9.4-23.el6 is 9004. */
function versionOf({ software }: Host, name: string): number | undefined {
  const [, major, minor, release] =
    /^(\d+)\.(\d+)\.(\d+)/.exec(latestOf(software, name)?.version ?? '') ?? [];
  if (release === undefined) return undefined;
  return Number(major) * 1_000_000 + Number(minor) * 1000 + Number(release);
}

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
