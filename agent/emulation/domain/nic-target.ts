import type { EmulatorProcess } from '../process/emulator-process.ts';

/** The name of the host's end of a process's NIC `n`, as libvirt has it; the alias of one that has no such end. */
export function nicTarget({ nics }: EmulatorProcess, n: number): string {
  const nic = nics[n];
  return nic?.device ?? nic?.alias ?? `net${n}`;
}
