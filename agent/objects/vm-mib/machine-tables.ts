import type { Domain, Instant } from '../../emulation/domain/domain.ts';
import type { Host } from '../../emulation/host/host.ts';
import type { EmulatorProcess } from '../../emulation/process/emulator-process.ts';
import { isContainer } from '../../emulation/process/process-config.ts';
import { readThreadTime } from '../../emulation/vcpu/vcpu-read.ts';
import { VM_MIB } from '../../mib/generated/vm-mib.ts';
import type { TableBinding } from '../../mib/module.ts';
import { BY_NUMBER, type GuestPart, GuestRows, severalForEach } from '../guest-rows.ts';
import { processorIndex } from '../host-resources/indexes.ts';
import { IntegerRows } from '../integer-rows.ts';
import { cut, ticks } from '../libvirt-stats/convert.ts';
import { osType } from '../libvirt-stats/guest-table.ts';
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
  readonly time: Instant;
  /** Absent while the domain is shut off. */
  readonly process: EmulatorProcess | undefined;
  readonly number: number;
}

/** vmCpuTable: the vCPUs of every domain; containers have none. */
export function cpuTable(host: Host): TableBinding<CpuRow> {
  const part = severalForEach<CpuRow>(
    ({ config, vcpus }) => (isContainer(config) ? 0 : vcpus),
    (domain, number) => ({ domain, time: domain.time, process: domain.process, number }),
    ({ number }) => number + 1,
  );
  return {
    rows: new GuestRows(host.domains, part, BY_NUMBER),
    columns: {
      vmCpuCoreTime: ({ process, number, time }) =>
        process?.places.vcpus[number]
          ? micros(readThreadTime(process.machine, process.places, number, time.nowMs))
          : 0,
    },
  };
}

/** Whether a vCPU may run on a processor of the host. */
interface AffinityRow {
  readonly vcpu: number;
  readonly pcpu: number;
  readonly isAllowed: boolean;
}

/** vmCpuAffinityTable: the vCPUs that are pinned, each with every processor of the host; the others run anywhere. */
export function affinityTable(host: Host): TableBinding<AffinityRow> {
  const part: GuestPart<AffinityRow> = {
    width: 2,
    count: (domain) => pinned(domain).length * host.cpu.pcpuCount,
    rows: (domain) =>
      pinned(domain).flatMap((vcpu) => {
        const allowed = new Set(domain.config.cputune!.vcpupin![vcpu]);
        return Array.from({ length: host.cpu.pcpuCount }, (_, pcpu) => ({
          vcpu,
          pcpu,
          isAllowed: allowed.has(pcpu),
        }));
      }),
    index: ({ vcpu, pcpu }) => [vcpu + 1, processorIndex(pcpu)],
  };
  return {
    rows: new GuestRows(host.domains, part, BY_NUMBER),
    columns: { vmCpuAffinity: ({ isAllowed }) => (isAllowed ? AFFINITY.enable : AFFINITY.disable) },
  };
}

/** The vCPUs that are plugged in and pinned. */
function pinned({ config, vcpus }: Domain): readonly number[] {
  const pins = config.cputune?.vcpupin;
  if (!pins || isContainer(config)) return NONE;
  return Array.from(Array(vcpus).keys()).filter((vcpu) => pins[vcpu]);
}

const NONE: readonly number[] = [];
