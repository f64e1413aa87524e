/**
 * How this agent numbers what HOST-RESOURCES-MIB shows: in Net-SNMP's ranges, which tools have come to know.
 */

/** hrStorageIndex as Net-SNMP has it: main memory, it and swap together, swap, and file systems from 31 on. */
export const STORAGE_INDEX = {
  physicalMemory: 1,
  virtualMemory: 3,
  swap: 10,
  firstFileSystem: 31,
  /** Pools of huge pages, of which Net-SNMP shows none: behind all file systems. */
  firstHugePages: 10_001,
} as const;

/** Net-SNMP's hrDeviceIndex has the number of the device's type, as HOST-RESOURCES-TYPES has it, in its upper half. */
const deviceRange = (type: number): number => type << 16;

/** Where each kind of device begins. */
export const DEVICE_INDEX = {
  /** Behind it the number of the processor from 0 on. */
  processor: deviceRange(3),
  /** Behind it ifIndex. */
  network: deviceRange(4),
  /** Behind it the number of the storage pool that lies on it: disks of SCSI begin at 16 there. */
  disk: deviceRange(6) + 16,
} as const;

/** hrDeviceIndex of a processor of the host: what vmCpuPhysIndex of VM-MIB points to. */
export function processorIndex(pcpu: number): number {
  return DEVICE_INDEX.processor + pcpu;
}
