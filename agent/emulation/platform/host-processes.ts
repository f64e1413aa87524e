import { readContainer, readMemoryCurrent } from '../container/container-read.ts';
import type { Host } from '../host/host.ts';
import { rssKiB } from '../memory/guest-read.ts';
import { PAGE_KIB } from '../memory/memory-config.ts';
import type { EmulatorProcess } from '../process/emulator-process.ts';
import { readGuestTime } from '../vcpu/vcpu-read.ts';
import { type Program, programAt } from './command-line.ts';

/** A process of the host itself that runs from its boot on. */
export interface HostDaemon {
  readonly pid: number;
  readonly program: Program;
  readonly arguments: string;
  /** Its part of what the host takes for itself, 0 to 1; the rest is the kernel's. */
  readonly memoryShare: number;
  /** Whether what the host takes beyond its usual share is this one's: libvirt's daemon is what leaks. */
  readonly grows: boolean;
}

/** Process numbers of guests begin behind those of the boot, and each start takes some for helpers. */
const FIRST_GUEST_PID = 4096;
const PIDS_OF_START = 16;

/** The process identifier of a guest's process: the greater, the later it was started. */
export function pidOf(number: number): number {
  return FIRST_GUEST_PID + PIDS_OF_START * number;
}

/** The least number of a process whose {@link pidOf} is not below `pid`. */
export function numberFrom(pid: number): number {
  return Math.max(0, Math.ceil((pid - FIRST_GUEST_PID) / PIDS_OF_START));
}

const INIT = 1;

/** The processes of a host itself that are worth a look, ascending by their identifiers; the first is init. */
export function hostDaemons({ config, software }: Host): readonly HostDaemon[] {
  const isModern = config.profile === 'modern';
  const daemon = (
    pid: number,
    path: string,
    args: string,
    memoryShare: number,
    grows = false,
  ): HostDaemon => ({
    ...{ pid, program: programAt(path), arguments: args, memoryShare, grows },
  });
  const isManaged = software.packages.some(({ kind }) => kind === 'image');
  return [
    isModern
      ? daemon(INIT, '/usr/lib/systemd/systemd', '--system --deserialize 31', 0.006)
      : daemon(INIT, '/sbin/init', '', 0.001),
    isModern
      ? daemon(611, '/usr/lib/systemd/systemd-journald', '', 0.03)
      : daemon(1507, '/sbin/rsyslogd', '-i /var/run/syslogd.pid -c 5', 0.002),
    daemon(1702, '/usr/sbin/sshd', '-D', 0.004),
    daemon(1866, '/usr/sbin/libvirtd', isModern ? '--timeout 120' : '--daemon --listen', 0.02, true),
    ...(isManaged ? [daemon(2240, '/usr/share/vdsm/vdsm', '', 0.06)] : []),
  ];
}

/** Memory in KiB that a daemon of the host has. */
export function daemonMemoryKiB({ memory, config }: Host, { memoryShare, grows }: HostDaemon): number {
  const usual = config.memory.hostUseKiB;
  const grown = grows ? Math.max(0, memory.pages.hostUse * PAGE_KIB - usual) : 0;
  return Math.floor(usual * memoryShare) + grown;
}

/** Processor time in ns that the host's kernel has counted for a guest's process, those of its vCPUs included. */
export function processTimeNs({ machine, places, container }: EmulatorProcess, nowMs: number): number {
  if (container) return readContainer(machine, container.place, 'cpu.usage', nowMs);
  return readGuestTime(machine, places, nowMs);
}

/** Memory in KiB that is resident for a guest's process; of a container, that of its cgroup. */
export function processMemoryKiB({ machine, ram, container }: EmulatorProcess): number {
  if (container) return Math.floor(readMemoryCurrent(machine, container.place, container.plan) / 1024);
  return ram ? rssKiB(machine, ram.part) : 0;
}
