import { VirtsnmpError } from '../../util/errors.ts';
import { planBoot } from '../console/boot.ts';
import {
  type BootKind,
  CONSOLE_DEFAULTS,
  COUNTDOWNS,
  type ConsoleConfig,
} from '../console/console-config.ts';
import { KERNEL_DEFAULTS, type KernelConfig } from '../debug/kernel-config.ts';
import { QXL_DEFAULTS, type QxlConfig } from '../display/qxl-config.ts';
import type { ConsoleChanges, DomainConfig } from '../domain/domain-config.ts';
import type { Profile } from '../lifecycle/story.ts';
import { createUsbBus } from '../usb/usb-bus.ts';
import { USB_DEFAULTS, type UsbConfig } from '../usb/usb-config.ts';
import { checkWatchdog, WATCHDOG_DEFAULTS, type WatchdogConfig } from '../watchdog/watchdog-config.ts';
import type { GuestAgentConfig } from './guest-agent.ts';
import type { RtcConfig } from './rtc.ts';

/** What a definition and its eras make of a guest's devices. */
export interface DevicePlan {
  /** Era of the emulator and of libvirt. */
  readonly host: Profile;
  /** Era of the guest's own system. */
  readonly guest: Profile;
  /** What decides about the stages of its boot, whether or not anything of them is seen. */
  readonly boot: ConsoleConfig;
  readonly console: ConsoleConfig | undefined;
  /** Absent for a container, whose kernel is the host's. */
  readonly kernel: KernelConfig | undefined;
  readonly usb: UsbConfig | undefined;
  readonly qxl: QxlConfig | undefined;
  readonly watchdog: WatchdogConfig | undefined;
  readonly agent: GuestAgentConfig | undefined;
  readonly rtc: RtcConfig | undefined;
}

const UTC: RtcConfig = { offset: 'utc', adjustmentSeconds: 0, zoneSeconds: 0, driftPpm: 0 };

function bootKindOf({ type, osType }: DomainConfig): BootKind {
  if (type === 'lxc') return 'container';
  return type === 'xen' && osType !== 'hvm' ? 'paravirtual' : 'firmware';
}

function consoleOf(era: ConsoleConfig, bootKind: BootKind, changes: ConsoleChanges = {}): ConsoleConfig {
  return { ...era, bootKind, ...changes, seconds: { ...era.seconds, ...changes.seconds } };
}

/** What of a definition decides about its devices, as a key: equal keys make equal plans. */
export function deviceKey(config: DomainConfig, host: Profile): string {
  const { type, osType, vcpus, memoryKiB, devices, guest } = config;
  return JSON.stringify([host, guest?.profile, type, osType, vcpus, memoryKiB, devices]);
}

/** Plans the devices of a guest on a host of an era. A container has nothing but its console. */
export function planDevices(config: DomainConfig, host: Profile): DevicePlan {
  const { devices = {} } = config;
  const guest = config.guest?.profile ?? host;
  const bootKind = bootKindOf(config);
  const boot = consoleOf(CONSOLE_DEFAULTS[guest], bootKind, devices.console || {});
  const console = devices.console === false ? undefined : boot;
  if (bootKind === 'container') {
    const none = undefined;
    return {
      host,
      guest,
      boot,
      console,
      kernel: none,
      usb: none,
      qxl: none,
      watchdog: none,
      agent: none,
      rtc: none,
    };
  }
  // Only emulators of KVM and QEMU get a USB controller and a tablet from libvirt unasked.
  const ownUsb = config.type === 'kvm' || config.type === 'qemu';
  const hasUsb = devices.usb !== false && (ownUsb || devices.usb !== undefined);
  return {
    host,
    guest,
    boot,
    console,
    // A panic device is the emulator's: a guest of today has none on a host of RHEL 6.
    kernel: {
      ...KERNEL_DEFAULTS[guest],
      ...(host === 'rhel6' ? { pvpanic: 'none' as const } : {}),
      ...devices.kernel,
    },
    usb: hasUsb ? { ...USB_DEFAULTS[host], ...(devices.usb || {}) } : undefined,
    qxl: devices.qxl && { ...QXL_DEFAULTS[host], ...devices.qxl },
    watchdog: devices.watchdog && { ...WATCHDOG_DEFAULTS[host], ...devices.watchdog },
    agent: devices.agent,
    rtc: { ...UTC, ...devices.rtc },
  };
}

/** Why a definition's devices cannot be; `undefined` when they can. */
export function devicesRefusal(config: DomainConfig, host: Profile): string | undefined {
  if (!config.devices) return undefined;
  const { usb, watchdog } = planDevices(config, host);
  try {
    if (usb) createUsbBus(usb, 0);
    if (watchdog) checkWatchdog(watchdog, host);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof VirtsnmpError) return thrown.message;
    throw thrown;
  }
}

function workMs(config: ConsoleConfig, counted: (isCountdown: boolean) => boolean): number {
  return planBoot(config)
    .filter(({ stage }) => counted(COUNTDOWNS.has(stage)))
    .reduce((sum, stage) => sum + stage.workMs, 0);
}

/**
 * How long a boot lasts in ms with a processor of its own, 1 at least, of which `drawnMs` is the life cycle's own `boot`.
 *
 * What a definition adds to its era's stages, such as a network boot that nobody answers, comes on top.
 */
export function bootDurationMs({ boot, guest }: DevicePlan, drawnMs: number): number {
  const era = { ...CONSOLE_DEFAULTS[guest], bootKind: boot.bootKind };
  const all = (): boolean => true;
  return Math.max(1, Math.round(drawnMs + workMs(boot, all) - workMs(era, all)));
}

/**
 * The stages stretched so that the guest is up after `bootMs` with a processor of its own.
 *
 * Countdowns keep their time and the other stages share what is left; a boot that is too short for its
 * countdowns has all of its stages shortened alike.
 */
export function consolePace(config: ConsoleConfig, bootMs: number): { config: ConsoleConfig; pace: number } {
  const countdownMs = workMs(config, (isCountdown) => isCountdown);
  const cpuMs = workMs(config, (isCountdown) => !isCountdown);
  if (bootMs >= countdownMs + cpuMs / 10) return { config, pace: (bootMs - countdownMs) / cpuMs };
  const share = bootMs / (countdownMs + cpuMs);
  const seconds = Object.entries(config.seconds).map(([stage, value]) => [stage, value * share]);
  return { config: { ...config, seconds: Object.fromEntries(seconds) }, pace: 1 };
}
