import type { Profile } from '../lifecycle/story.ts';

/** How a guest's kernel is set up for the case that something goes wrong. */
export interface KernelConfig {
  /** kernel.sysrq: 0 nothing, 1 everything, else a mask of {@link SYSRQ_MASK}. */
  readonly sysrq: number;
  /** kernel.unknown_nmi_panic: an NMI that nobody asked for is a panic. */
  readonly unknownNmiPanic: boolean;
  /** kernel.panic_on_unrecovered_nmi. */
  readonly panicOnUnrecoveredNmi: boolean;
  /** kernel.panic, in seconds: 0 stays for ever, more than 0 reboots after so long, less reboots at once. */
  readonly panicSeconds: number;
  /** A crash kernel is loaded (kdump). */
  readonly kdump: boolean;
  /** crash_kexec_post_notifiers: the panic notifiers run before the crash kernel. */
  readonly crashKexecPostNotifiers: boolean;
  /**
   * `<panic>` and the guest's driver for it: none; one that knows of panics; one that also says when a crash
   * kernel will take care of it.
   */
  readonly pvpanic: 'none' | 'panicked' | 'crash-loaded';
  /** Console log level, 0 to 8: messages of this level and above are not shown. */
  readonly logLevel: number;
  /** What the guest's programs write, in KiB/s, and how long it stays in memory before it is written to disk. */
  readonly dirtyKiBPerSecond: number;
  readonly writebackSeconds: number;
}

/** kernel.sysrq's bits, by what they allow (Documentation/admin-guide/sysrq.rst). */
export const SYSRQ_MASK = {
  log: 2,
  keyboard: 4,
  dump: 8,
  sync: 16,
  remount: 32,
  signal: 64,
  boot: 128,
  rtnice: 256,
} as const;

const COMMON = {
  unknownNmiPanic: false,
  panicOnUnrecoveredNmi: false,
  panicSeconds: 0,
  kdump: false,
  crashKexecPostNotifiers: false,
  logLevel: 7,
  dirtyKiBPerSecond: 256,
  writebackSeconds: 30,
} as const;

/** What a guest's kernel is like unless its domain says otherwise; RHEL 6.2 had no panic device. */
export const KERNEL_DEFAULTS: Readonly<Record<Profile, KernelConfig>> = {
  rhel6: { ...COMMON, sysrq: 0, pvpanic: 'none' },
  modern: { ...COMMON, sysrq: SYSRQ_MASK.sync, pvpanic: 'crash-loaded' },
};
