import type { Consequence, Outcome } from '../devices/consequence.ts';
import type { Profile } from '../lifecycle/story.ts';
import { durationMs, TIMINGS } from '../timings.ts';
import type { KernelConfig } from './kernel-config.ts';

/**
 * Whether there is a kernel to answer: not yet; it runs; it spins with interrupts off; it panicked and stays;
 * its crash kernel writes a dump; it panicked and will reboot.
 */
export type KernelState = 'absent' | 'running' | 'hung' | 'panicked' | 'dumping' | 'rebooting';

/** Something that was asked for while the vCPUs stood still. */
export type QueuedInput =
  | { readonly kind: 'nmi' }
  | { readonly kind: 'sysrq'; readonly key: string }
  | { readonly kind: 'machine-check'; readonly text: string };

/** A guest's kernel as far as debugging touches it. Immutable; times are guest ms. */
export interface GuestKernel {
  readonly config: KernelConfig;
  readonly profile: Profile;
  readonly vcpus: number;
  readonly memoryKiB: number;
  readonly state: KernelState;
  /** The vCPUs stand still: whatever is asked for waits. */
  readonly paused: boolean;
  /** BOUNDED by {@link QUEUE_LENGTH}. */
  readonly queue: readonly QueuedInput[];
  /** NMIs that were injected into vCPUs since the emulator was started. */
  readonly nmiInjections: number;
  /** SysRq keys that the kernel acted on since the emulator was started. */
  readonly sysrqHandled: number;
  readonly logLevel: number;
  readonly filesystems: 'read-write' | 'read-only' | 'frozen';
  /** Dirty data at `dirtySinceMs`; it grows from there on. */
  readonly dirtyKiB: number;
  readonly dirtySinceMs: number;
  /** Dirty data that resets and crashes have destroyed since the emulator was started, in KiB. */
  readonly lostKiB: number;
  /** When the kernel does something by itself; absent for never. */
  readonly dueMs?: number;
}

/** Keys and NMIs that wait for the vCPUs at most; more are refused, as by a keyboard whose buffer is full. */
export const QUEUE_LENGTH = 16;

/** What a kernel is a part of. */
export interface KernelMachine {
  readonly profile: Profile;
  readonly vcpus: number;
  readonly memoryKiB: number;
}

/** A kernel that runs since `nowMs`, or one that is still to be loaded. */
export function createKernel(
  config: KernelConfig,
  machine: KernelMachine,
  nowMs: number,
  state: 'running' | 'absent' = 'running',
): GuestKernel {
  const { profile, vcpus, memoryKiB } = machine;
  return {
    config,
    profile,
    vcpus,
    memoryKiB,
    state,
    paused: false,
    queue: [],
    nmiInjections: 0,
    sysrqHandled: 0,
    logLevel: config.logLevel,
    filesystems: 'read-write',
    dirtyKiB: 0,
    dirtySinceMs: nowMs,
    lostKiB: 0,
  };
}

/** Data of the guest's programs in KiB that is not on its disks yet. */
export function dirtyKiB(kernel: GuestKernel, nowMs: number): number {
  const { config, filesystems } = kernel;
  if (kernel.state !== 'running' || filesystems !== 'read-write') return kernel.dirtyKiB;
  const limit = config.dirtyKiBPerSecond * config.writebackSeconds;
  const grown = kernel.dirtyKiB + (config.dirtyKiBPerSecond * (nowMs - kernel.dirtySinceMs)) / 1000;
  return Math.floor(Math.min(grown, Math.max(limit, kernel.dirtyKiB)));
}

/** The kernel with its dirty data counted up to an instant, before what makes it grow changes. */
export function settleDirty(kernel: GuestKernel, nowMs: number): GuestKernel {
  return { ...kernel, dirtyKiB: dirtyKiB(kernel, nowMs), dirtySinceMs: nowMs };
}

/** The kernel after all its dirty data went to disk. */
export function syncDirty(kernel: GuestKernel, nowMs: number): GuestKernel {
  return { ...kernel, dirtyKiB: 0, dirtySinceMs: nowMs };
}

function without(kernel: GuestKernel, state: KernelState): GuestKernel {
  const { dueMs: _due, ...rest } = kernel;
  return { ...rest, state };
}

/** The guest is reset, by whoever: what was dirty is lost, what waited is gone, and a kernel is to be loaded. */
export function resetKernel(kernel: GuestKernel, nowMs: number): GuestKernel {
  const lost = dirtyKiB(kernel, nowMs);
  return {
    ...without(kernel, 'absent'),
    queue: [],
    logLevel: kernel.config.logLevel,
    filesystems: 'read-write',
    dirtyKiB: 0,
    dirtySinceMs: nowMs,
    lostKiB: kernel.lostKiB + lost,
  };
}

/** The boot loader has handed over: the kernel answers from now on. */
export function kernelUp(kernel: GuestKernel, nowMs: number): GuestKernel {
  return kernel.state === 'absent' ? { ...syncDirty(kernel, nowMs), state: 'running' } : kernel;
}

/** The kernel spins with interrupts off: keys do nothing, an NMI still gets through. */
export function hangKernel(kernel: GuestKernel, nowMs: number): GuestKernel {
  return kernel.state === 'running' ? { ...settleDirty(kernel, nowMs), state: 'hung' } : kernel;
}

/** The guest's filesystems are frozen for a backup (SysRq j thaws them). */
export function freezeFilesystems(kernel: GuestKernel, nowMs: number): GuestKernel {
  if (kernel.state !== 'running' || kernel.filesystems !== 'read-write') return kernel;
  return { ...syncDirty(kernel, nowMs), filesystems: 'frozen' };
}

/** How long the crash kernel writes its dump, in ms: the more, the more memory the guest has. */
export function crashDumpMs(memoryKiB: number): number {
  return durationMs(TIMINGS.crashKernel, 0.5, memoryKiB, false);
}

/**
 * The kernel panics: text, then whoever comes first in panic() (facts 6): the crash kernel unless
 * crash_kexec_post_notifiers, the panic device, or what kernel.panic says.
 */
export function panicKernel(kernel: GuestKernel, nowMs: number, reason: string): Outcome<GuestKernel> {
  const { config } = kernel;
  const settled = settleDirty(kernel, nowMs);
  const text = `Kernel panic - not syncing: ${reason}\r\n`;
  const end: Consequence[] = [{ kind: 'print', text }, { kind: 'kernel-halt' }];
  const then = (state: KernelState, afterMs?: number): GuestKernel => {
    const due = afterMs === undefined ? {} : { dueMs: nowMs + afterMs };
    return { ...without(settled, state), ...due };
  };
  const announced = config.pvpanic !== 'none';
  if (config.kdump && !(config.crashKexecPostNotifiers && announced)) {
    // The host hears nothing: it sees a reset once the dump is written.
    return { record: then('dumping', crashDumpMs(kernel.memoryKiB)), consequences: end };
  }
  if (config.kdump && config.pvpanic === 'crash-loaded') {
    // The life cycle's own story waits for the dump and resets.
    return { record: then('dumping'), consequences: [...end, { kind: 'act', action: 'crash-kernel' }] };
  }
  if (announced) {
    // What on_crash says follows; an older panic device stops the guest before its crash kernel gets a chance.
    return { record: then('panicked'), consequences: [...end, { kind: 'act', action: 'panic' }] };
  }
  if (config.panicSeconds < 0) return reboot(then('rebooting'), nowMs, end);
  if (config.panicSeconds === 0) return { record: then('panicked'), consequences: end };
  const text2 = `Rebooting in ${config.panicSeconds} seconds..\r\n`;
  return {
    record: then('rebooting', config.panicSeconds * 1000),
    consequences: [{ kind: 'print', text: text + text2 }, { kind: 'kernel-halt' }],
  };
}

function reboot(
  kernel: GuestKernel,
  nowMs: number,
  before: readonly Consequence[] = [],
): Outcome<GuestKernel> {
  return {
    record: resetKernel(kernel, nowMs),
    consequences: [...before, { kind: 'act', action: 'reset' }],
  };
}

/** The kernel resets the machine at once: a consequence for the hypervisor, and what is lost by it. */
export function rebootNow(kernel: GuestKernel, nowMs: number): Outcome<GuestKernel> {
  return reboot(kernel, nowMs);
}

/** Does what is due by `nowMs`: the reset after a dump, or after kernel.panic's seconds. */
export function advanceKernel(kernel: GuestKernel, nowMs: number): Outcome<GuestKernel> {
  if (kernel.paused || kernel.dueMs === undefined || kernel.dueMs > nowMs) {
    return { record: kernel, consequences: [] };
  }
  return reboot(kernel, kernel.dueMs);
}
