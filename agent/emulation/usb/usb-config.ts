import type { Profile } from '../lifecycle/story.ts';

/** A device on a port of a USB bus. */
export interface UsbDeviceConfig {
  readonly kind: 'tablet' | 'mouse' | 'keyboard' | 'storage';
  /** Low and full speed go to a companion where the bus has one. */
  readonly speed: 'low' | 'full' | 'high';
  /** Port of the bus, from 0. */
  readonly port: number;
}

/** `<controller type='usb' model=>`: one controller, or an EHCI with its companions, with its devices. */
export interface UsbConfig {
  readonly model: 'piix3-uhci' | 'ich9-ehci1' | 'qemu-xhci';
  readonly devices: readonly UsbDeviceConfig[];
  /** The guest lets idle devices sleep and be woken by them: udev rules for the emulator's devices. */
  readonly remoteWakeup: boolean;
  /** The guest puts a device to sleep after so long without traffic (RHEL 6: usb.c, 2 s; facts 8). */
  readonly autosuspendMs: number;
  /** The guest stops a controller whose ports all sleep, or are empty, after so long (uhci-hub.c, 1 s). */
  readonly autostopMs: number;
  /** Host CPU time of one timer wakeup: a parameter of 5 to 10 us, not a measurement (facts 8). */
  readonly wakeupNs: number;
}

const TABLET: UsbDeviceConfig = { kind: 'tablet', speed: 'full', port: 0 };

const COMMON = { devices: [TABLET], autosuspendMs: 2000, autostopMs: 1000, wakeupNs: 8000 } as const;

/** A domain's USB bus unless it says otherwise: a tablet, on what libvirt of the time adds by itself. */
export const USB_DEFAULTS: Readonly<Record<Profile, UsbConfig>> = {
  rhel6: { ...COMMON, model: 'piix3-uhci', remoteWakeup: false },
  modern: { ...COMMON, model: 'qemu-xhci', remoteWakeup: true },
};

/** Ports of a bus, by model. */
export const USB_PORTS: Readonly<Record<UsbConfig['model'], number>> = {
  'piix3-uhci': 2,
  'ich9-ehci1': 6,
  'qemu-xhci': 4,
};

/** How often the guest asks a device for news at most, in ms (dev-hid.c). */
export function pollIntervalMs({ kind, speed }: UsbDeviceConfig): number {
  if (kind === 'storage') return 1;
  if (speed !== 'high') return 10;
  return kind === 'mouse' ? 1 : 8;
}
