import type { Profile } from '../lifecycle/story.ts';

/** The stages of a guest's way up, in their fixed order. */
export const BOOT_STAGES = [
  'firmware',
  'boot-menu',
  'boot-device',
  'network-boot',
  'loader',
  'kernel-load',
  'kernel',
  'initramfs',
  'init',
] as const;
/** A name of {@link BOOT_STAGES}. */
export type BootStage = (typeof BOOT_STAGES)[number];

/** How long each stage takes in seconds, on processors that the guest has for itself. */
export type StageSeconds = Readonly<Record<BootStage, number>>;

/** Stages that wait for a clock and not for a processor. */
export const COUNTDOWNS: ReadonlySet<BootStage> = new Set(['boot-menu', 'network-boot', 'loader']);

/** Where a guest begins: with firmware, with a kernel that the host loads, or with an init of its own. */
export type BootKind = 'firmware' | 'paravirtual' | 'container';

/** The serial console of one domain, and what its guest writes to it. */
export interface ConsoleConfig {
  readonly bootKind: BootKind;
  /** `<bios useserial='yes'/>`: text of the firmware and of whatever uses it goes to the serial line. */
  readonly useSerial: boolean;
  /** `<bootmenu enable='yes'/>`. */
  readonly bootMenu: boolean;
  /** `<boot dev='network'/>` stands first, and no server answers. */
  readonly networkFirst: boolean;
  /** The boot loader has a serial terminal set. */
  readonly loaderSerial: boolean;
  /** The kernel's command line has console=ttyS0 (or hvc0). */
  readonly kernelConsole: boolean;
  /** A getty runs on the console. */
  readonly getty: boolean;
  /** The line's speed; 11520 is 115200 baud with 8 bits, no parity and one stop bit (facts 7). */
  readonly bytesPerSecond: number;
  /** How much of what was sent can be read again. */
  readonly scrollbackBytes: number;
  /** How much may wait to be sent; what comes on top of it is lost, and counted. */
  readonly backlogBytes: number;
  readonly seconds: StageSeconds;
}

/** Model defaults, not measurements: 2.5 s and 5 s are SeaBIOS's and GRUB 0.97's own (facts 7). */
const SECONDS: StageSeconds = {
  firmware: 0.5,
  'boot-menu': 2.5,
  'boot-device': 0.1,
  'network-boot': 30,
  loader: 5,
  'kernel-load': 1,
  kernel: 2,
  initramfs: 2,
  init: 20,
};

const SERIAL_LINE = {
  bootMenu: false,
  networkFirst: false,
  getty: true,
  kernelConsole: true,
  bytesPerSecond: 11_520,
  scrollbackBytes: 16_384,
  backlogBytes: 65_536,
} as const;

/** What a console is like unless its domain says otherwise. */
export const CONSOLE_DEFAULTS: Readonly<Record<Profile, ConsoleConfig>> = {
  rhel6: {
    ...SERIAL_LINE,
    bootKind: 'firmware',
    useSerial: false,
    loaderSerial: false,
    seconds: SECONDS,
  },
  modern: {
    ...SERIAL_LINE,
    bootKind: 'firmware',
    useSerial: true,
    loaderSerial: true,
    seconds: { ...SECONDS, init: 12 },
  },
};
