import { readDisk } from '../emulation/block/disk-read.ts';
import { readContainer } from '../emulation/container/container-read.ts';
import { readQueues } from '../emulation/net/nic-view.ts';
import type { EmulatorProcess } from '../emulation/process/emulator-process.ts';
import { readGuestTime, readSteal } from '../emulation/vcpu/vcpu-read.ts';

/** What an emulator process has done since it began, over all its vCPUs, NICs and disks. */
export interface Totals {
  readonly cpuNs: number;
  /** 0 for a container, which has no vCPUs. */
  readonly stealNs: number;
  /** What the guest received and sent. */
  readonly rxBytes: number;
  readonly txBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** Reads the totals of a guest at an instant. */
export function readCounters(process: EmulatorProcess, nowMs: number): Totals {
  const { machine, places, container, nics, disks } = process;
  let stealNs = 0;
  for (let n = 0; n < places.vcpus.length; n++) stealNs += readSteal(machine, places, n, nowMs);
  let rxBytes = 0;
  let txBytes = 0;
  for (const { parts } of nics) {
    rxBytes += readQueues(machine, parts, 'rxBytes', nowMs);
    txBytes += readQueues(machine, parts, 'txBytes', nowMs);
  }
  let readBytes = 0;
  let writtenBytes = 0;
  for (const { place } of disks) {
    readBytes += readDisk(machine, place, 'rd.bytes', nowMs);
    writtenBytes += readDisk(machine, place, 'wr.bytes', nowMs);
  }
  const cpuNs = container
    ? readContainer(machine, container.place, 'cpu.usage', nowMs)
    : readGuestTime(machine, places, nowMs);
  return { cpuNs, stealNs, rxBytes, txBytes, readBytes, writtenBytes };
}
