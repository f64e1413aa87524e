import type { PageOutcome } from '../devices/memory-failure.ts';

/** How bad a fault is and what of its target it hits. What a kind does not know has no effect on it. */
export interface FaultParameters {
  /** The NIC, by its place in the definition; the first when not given. */
  readonly nic?: number;
  /** Its queue pair, from 0; all of them when not given. */
  readonly queue?: number;
  /** The disk's target, such as vda; all disks when not given. */
  readonly disk?: string;
  /** A storage pool of the host, by name; the first when not given. */
  readonly pool?: string;
  /** The bridge or lower device whose uplink it is, by name; the first with an uplink when not given. */
  readonly bridge?: string;
  /** The physical NIC, by name; of `bridge` the first when not given: of a bond, its first slave. */
  readonly uplink?: string;
  /** ms from one loss of a link to the next, half of which it is down; 10,000 when not given. */
  readonly cycleMs?: number;
  /** A sensor of the host, by name; the first fan when not given. */
  readonly sensor?: string;
  /** How many times as long a request takes; 10 when not given. */
  readonly factor?: number;
  /** A share, 0 to 1, of what the kind says; 1 when not given. */
  readonly share?: number;
  /** Share of its run time in which a vCPU holds a contended lock, 0 to 1; 0 when not given. */
  readonly lockShare?: number;
  /** How fast something is taken, in bytes per second. */
  readonly bytesPerSecond?: number;
  /** Whose memory is broken; GUEST when not given. */
  readonly recipient?: 'HYPERVISOR' | 'GUEST';
  /** Whether the processor needs the broken page to go on; true when not given. */
  readonly actionRequired?: boolean;
  /** What the guest's kernel makes of the broken page; Recovered when not given. */
  readonly outcome?: PageOutcome;
}

/**
 * When a fault ends by itself, beside its duration.
 *
 * `never`; `boot`: the guest's system is gone, or begins to boot anew; `process`: the emulator is gone;
 * `up`: the host is up again.
 */
export type FaultEnd = 'never' | 'boot' | 'process' | 'up';

/** What is known of a kind of fault. */
export interface FaultKindInfo {
  /** What has it. */
  readonly on: 'guest' | 'host';
  readonly ends: FaultEnd;
  /** The parameters that it looks at. */
  readonly parameters: readonly (keyof FaultParameters)[];
  /** What is wrong, for people. */
  readonly about: string;
  /** What the models make of it. */
  readonly leadsTo: string;
}

/** Every kind of fault. */
export const FAULT_KINDS = {
  'memory-leak': {
    on: 'guest',
    ends: 'never',
    parameters: ['bytesPerSecond'],
    about: 'a program takes more and more memory (16 MiB/s when not given)',
    leadsTo:
      'file cache goes, the guest swaps, a balloon with autodeflate gives way (BALLOON_CHANGE), the OOM killer ends the program, or the guest panics with vm.panic_on_oom; of a container: its cgroup swaps and kills',
  },
  'noisy-neighbour': {
    on: 'guest',
    ends: 'never',
    parameters: ['share', 'lockShare'],
    about: 'the programs compute on a share of all vCPUs, with or without contended locks',
    leadsTo: "run time of its vCPUs, steal of its neighbours', pause-loop exits with locks",
  },
  'container-fork-bomb': {
    on: 'guest',
    ends: 'never',
    parameters: [],
    about: 'a program of a container starts processes without end',
    leadsTo: 'the container computes on all it may, pids.current at pids.max, pids.events',
  },
  'guest-hang': {
    on: 'guest',
    ends: 'boot',
    parameters: [],
    about: "the guest's kernel spins with interrupts off",
    leadsTo: 'a silent console, keys without effect, and WATCHDOG with its action once the timer runs out',
  },
  'guest-panic': {
    on: 'guest',
    ends: 'boot',
    parameters: [],
    about: "the guest's kernel panics",
    leadsTo:
      'what its crash kernel, its panic device and kernel.panic say: CRASHED/PANICKED with on_crash, a dump and a reset, or silence',
  },
  'agent-death': {
    on: 'guest',
    ends: 'boot',
    parameters: [],
    about: 'the guest agent dies',
    leadsTo: 'AGENT_LIFECYCLE DISCONNECTED, and CONNECTED when its init starts it again',
  },
  'watchdog-starve': {
    on: 'guest',
    ends: 'boot',
    parameters: [],
    about: 'the program that feeds the watchdog is killed',
    leadsTo: 'WATCHDOG with its action once the timer runs out',
  },
  'memory-failure': {
    on: 'guest',
    ends: 'boot',
    parameters: ['recipient', 'actionRequired', 'outcome'],
    about: 'a DIMM has a broken page that belongs to the guest, or to its emulator',
    leadsTo:
      "MEMORY_FAILURE; the emulator is killed, the guest is reset, or the guest's kernel deals with it",
  },
  'qxl-guest-bug': {
    on: 'guest',
    ends: 'boot',
    parameters: [],
    about: 'the display driver of the guest gives its QXL device a wrong argument',
    leadsTo: 'the interrupt ERROR, and rings that nobody reads until the device is reset',
  },
  'nic-down': {
    on: 'guest',
    ends: 'never',
    parameters: ['nic'],
    about: 'a NIC of the guest loses its link',
    leadsTo: 'nothing moves, and what arrives for it is dropped at the tap',
  },
  'queue-stall': {
    on: 'guest',
    ends: 'never',
    parameters: ['nic', 'queue'],
    about: "the back end of a NIC's queue pair stops working",
    leadsTo: 'full rings, drops at the tap, and a guest that waits to send',
  },
  'slow-disk': {
    on: 'guest',
    ends: 'never',
    parameters: ['disk', 'factor'],
    about: 'requests of a disk take many times as long',
    leadsTo: 'fewer requests a second, more time for each, more in flight',
  },
  'disk-error': {
    on: 'guest',
    ends: 'never',
    parameters: ['disk', 'share'],
    about: 'a share of the requests of a disk fails (EIO)',
    leadsTo: 'what the error policy says: IO_ERROR, IO_ERROR_REASON, and SUSPENDED/IOERROR with stop',
  },
  'image-missing': {
    on: 'guest',
    ends: 'never',
    parameters: ['disk'],
    about: 'the image of a disk is gone from its pool',
    leadsTo: 'the next start: STOPPED/FAILED, or DISK_CHANGE where the startup policy allows to go without',
  },
  'hung-monitor': {
    on: 'guest',
    ends: 'process',
    parameters: [],
    about: "the emulator's monitor does not answer",
    leadsTo:
      'CONTROL_ERROR; statistics stand still while the guest runs on; whatever needs the monitor is refused',
  },
  'disk-full': {
    on: 'host',
    ends: 'never',
    parameters: ['pool'],
    about: 'something else takes all of a storage pool',
    leadsTo: 'images that cannot grow: IO_ERROR_REASON enospc, and SUSPENDED/IOERROR by the error policy',
  },
  'thin-pool-fill': {
    on: 'host',
    ends: 'never',
    parameters: ['pool', 'bytesPerSecond'],
    about: 'something else takes a storage pool bit by bit (100 MiB/s when not given)',
    leadsTo: 'less and less space, and in the end what disk-full leads to',
  },
  'host-memory-pressure': {
    on: 'host',
    ends: 'never',
    parameters: ['share', 'bytesPerSecond'],
    about: 'a process of the host takes up to a share of its memory (1 GiB/s when not given)',
    leadsTo: 'balloons shrink (BALLOON_CHANGE), guests are swapped by the host, and one is killed at last',
  },
  'host-nic-down': {
    on: 'host',
    ends: 'never',
    parameters: ['bridge', 'uplink'],
    about: 'a physical NIC of the host loses its link',
    leadsTo:
      'a bond goes on with its other slaves; without one guests reach each other, and nobody outside: TCP waits, UDP is dropped, nothing comes in',
  },
  'host-nic-flap': {
    on: 'host',
    ends: 'never',
    parameters: ['bridge', 'uplink', 'cycleMs'],
    about: 'a physical NIC of the host loses its link again and again',
    leadsTo: 'what host-nic-down leads to, half of the time; frames under way are lost each time',
  },
  sensor: {
    on: 'host',
    ends: 'never',
    parameters: ['sensor'],
    about: 'a fan stops, or what another sensor measures gets out of hand',
    leadsTo: 'a reading outside of its limits; without a fan, all temperatures rise',
  },
  'host-crash': {
    on: 'host',
    ends: 'up',
    parameters: [],
    about: 'the host loses its power, for the duration of the fault',
    leadsTo: 'STOPPED/DESTROYED of all its guests, DOWN, then UP and the guests with autostart',
  },
} as const satisfies Record<string, FaultKindInfo>;

/** A name of {@link FAULT_KINDS}. */
export type FaultKind = keyof typeof FAULT_KINDS;
/** Every name of {@link FAULT_KINDS}. */
export const FAULT_KIND_NAMES = Object.keys(FAULT_KINDS) as [FaultKind, ...FaultKind[]];

/** What is known of a kind. */
export function faultKindInfo(kind: FaultKind): FaultKindInfo {
  return FAULT_KINDS[kind];
}
