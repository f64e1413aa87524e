import type { Domain } from '../../emulation/domain.ts';
import type { Host } from '../../emulation/host.ts';
import { isContainer } from '../../emulation/process-config.ts';
import { VM_MIB } from '../../mib/generated/vm-mib.ts';
import type { TableBinding } from '../../mib/module.ts';
import { processorIndex } from '../host-resources/indexes.ts';
import { IntegerRows } from '../integer-rows.ts';
import { cut, ticks } from '../libvirt-stats/convert.ts';
import { osType } from '../libvirt-stats/guest-table.ts';
import { BY_NUMBER, type GuestPart, GuestRows } from '../libvirt-stats/rows.ts';
import { adminState, operState } from './states.ts';
import { binaryUnit, inUnits, micros } from './units.ts';

const { vmAutoStart, vmPersistent } = VM_MIB.tables.vmTable.columns;
const AUTO_START = vmAutoStart.syntax.enums;
const PERSISTENT = vmPersistent.syntax.enums;
const AFFINITY = VM_MIB.tables.vmCpuAffinityTable.columns.vmCpuAffinity.syntax.enums;
/** What stands for a bound that there is not. */
const NO_BOUND = -1;
const OCTETS_PER_KIB = 1024;

/** vmTable: every domain of the host. */
export function machineTable(host: Host): TableBinding<Domain> {
  const all = host.domains.numbered(() => true);
  return {
    rows: new IntegerRows({
      count: () => all.size,
      id: (place) => all.at(place).number,
      row: (place) => all.at(place),
    }),
    columns: {
      vmName: ({ name }) => cut(name),
      vmUUID: ({ uuidOctets }) => uuidOctets,
      vmOSType: ({ config }) => osType(config),
      vmAdminState: adminState,
      vmOperState: operState,
      vmAutoStart: ({ persistentConfig }) =>
        persistentConfig.autostart ? AUTO_START.enabled : AUTO_START.disabled,
      vmPersistent: persistence,
      vmCurCpuNumber: ({ vcpus }) => vcpus,
      // setvcpus leaves one at least; a container has no processors of its own.
      vmMinCpuNumber: ({ config }) => (isContainer(config) ? NO_BOUND : 1),
      vmMaxCpuNumber: ({ config }) => (isContainer(config) ? NO_BOUND : config.maxVcpus),
      vmMemUnit: memoryUnit,
      vmCurMem: (domain) => inUnits(domain.memoryKiB * OCTETS_PER_KIB, memoryUnit(domain)),
      vmMinMem: () => NO_BOUND,
      vmMaxMem: (domain) => inUnits(domain.maxMemoryKiB * OCTETS_PER_KIB, memoryUnit(domain)),
      vmUpTime: (domain) => (domain.process ? ticks(domain.nowMs - domain.startedMs) : 0),
      vmCpuTime: ({ cpuTimeNs }) => micros(cpuTimeNs),
    },
  };
}

/** VirtualMachinePersistent. */
export function persistence({ isPersistent }: Domain): number {
  return isPersistent ? PERSISTENT.persistent : PERSISTENT.transient;
}

function memoryUnit({ maxMemoryKiB }: Domain): number {
  return binaryUnit(maxMemoryKiB * OCTETS_PER_KIB);
}

/** One vCPU that is plugged in, by its number from 0. */
interface CpuRow {
  readonly domain: Domain;
  readonly number: number;
}

/** vmCpuTable: the vCPUs of every domain; containers have none. */
export function cpuTable(host: Host): TableBinding<CpuRow> {
  const part: GuestPart<CpuRow> = {
    count: ({ config, vcpus }) => (isContainer(config) ? 0 : vcpus),
    index: (_domain, place) => [place + 1],
    row: (domain, number) => ({ domain, number }),
  };
  return {
    rows: new GuestRows(host.domains, part, BY_NUMBER),
    columns: { vmCpuCoreTime: ({ domain, number }) => micros(domain.vcpu(number)?.timeNs ?? 0) },
  };
}

/** Whether a vCPU may run on a processor of the host. */
interface AffinityRow {
  readonly isAllowed: boolean;
}

/** vmCpuAffinityTable: the vCPUs that are pinned, each with every processor of the host; the others run anywhere. */
export function affinityTable(host: Host): TableBinding<AffinityRow> {
  const at = (domain: Domain, place: number) => {
    const { pcpuCount } = host.cpu;
    return { vcpu: pinned(domain, Math.floor(place / pcpuCount)), pcpu: place % pcpuCount };
  };
  const part: GuestPart<AffinityRow> = {
    count: (domain) => pinnedCount(domain) * host.cpu.pcpuCount,
    index: (domain, place) => {
      const { vcpu, pcpu } = at(domain, place);
      return [vcpu + 1, processorIndex(pcpu)];
    },
    row: (domain, place) => {
      const { vcpu, pcpu } = at(domain, place);
      return { isAllowed: domain.config.cputune!.vcpupin![vcpu]!.includes(pcpu) };
    },
  };
  return {
    rows: new GuestRows(host.domains, part, BY_NUMBER),
    columns: { vmCpuAffinity: ({ isAllowed }) => (isAllowed ? AFFINITY.enable : AFFINITY.disable) },
  };
}

function pinnedCount({ config, vcpus }: Domain): number {
  const pins = config.cputune?.vcpupin;
  if (!pins || isContainer(config)) return 0;
  let count = 0;
  for (let vcpu = 0; vcpu < vcpus; vcpu++) if (pins[vcpu]) count++;
  return count;
}

/** The vCPU that is the n-th of those that are pinned. */
function pinned({ config }: Domain, n: number): number {
  const pins = config.cputune!.vcpupin!;
  let vcpu = -1;
  for (let left = n; left >= 0; left--) {
    do vcpu++;
    while (!pins[vcpu]);
  }
  return vcpu;
}
