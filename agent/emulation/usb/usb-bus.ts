import { VirtsnmpError } from '../../util/errors.ts';
import { USB_PORTS, type UsbConfig, type UsbDeviceConfig } from './usb-config.ts';
import {
  controllerTransfers,
  controllerWakeups,
  createController,
  inputEvent,
  setInput,
  type UsbController,
} from './usb-controller.ts';

/** A domain's USB bus: one controller, or an EHCI behind its companions. Immutable; times are guest ms. */
export interface UsbBus {
  readonly config: UsbConfig;
  /** In the order of their functions: companions before the EHCI. */
  readonly controllers: readonly UsbController[];
}

/** First ports of ich9-uhci1, 2 and 3; each has two (ich9-ehci-uhci.cfg). */
const COMPANIONS = [0, 2, 4] as const;

/**
 * A bus that the guest's drivers start at `nowMs`.
 *
 * Full and low speed devices of an EHCI are handed to the companion of their port. Throws DOMAIN_INVALID for a
 * port that the bus does not have, or that two devices want.
 */
export function createUsbBus(config: UsbConfig, nowMs: number): UsbBus {
  const { model, devices } = config;
  const ports = USB_PORTS[model];
  for (const { port, kind } of devices) {
    if (!Number.isInteger(port) || port < 0 || port >= ports) {
      throw refuse(`${kind} on port ${port}; ${model} has ports 0 to ${ports - 1}`);
    }
    if (devices.filter((other) => other.port === port).length > 1) {
      throw refuse(`two devices on port ${port}; each needs one of its own`);
    }
  }
  const controller = (name: string, polling: UsbController['polling'], its: readonly UsbDeviceConfig[]) =>
    createController(name, polling, its, config, nowMs);
  if (model === 'qemu-xhci') return { config, controllers: [controller(model, 'xhci', devices)] };
  if (model === 'piix3-uhci') return { config, controllers: [controller(model, 'uhci', devices)] };
  const slow = devices.filter(({ speed }) => speed !== 'high');
  const companions = COMPANIONS.map((first, i) =>
    controller(
      `ich9-uhci${i + 1}`,
      'uhci',
      slow.filter(({ port }) => port === first || port === first + 1),
    ),
  );
  const fast = devices.filter(({ speed }) => speed === 'high');
  return { config, controllers: [...companions, controller(model, 'ehci', fast)] };
}

function refuse(problem: string): VirtsnmpError {
  return new VirtsnmpError('DOMAIN_INVALID', `USB: ${problem}`);
}

function withPort(bus: UsbBus, port: number, change: (controller: UsbController) => UsbController): UsbBus {
  const has = ({ devices }: UsbController) => devices.some((device) => device.port === port);
  return {
    ...bus,
    controllers: bus.controllers.map((controller) => (has(controller) ? change(controller) : controller)),
  };
}

/** Input for the device on a port comes at a rate from now on; 0 for none. */
export function setUsbInput(bus: UsbBus, nowMs: number, port: number, perSecond: number): UsbBus {
  return withPort(bus, port, (controller) => setInput(controller, nowMs, perSecond));
}

/** One input event for the device on a port. */
export function usbInputEvent(bus: UsbBus, nowMs: number, port: number): UsbBus {
  return withPort(bus, port, (controller) => inputEvent(controller, nowMs));
}

/** Timer wakeups that the bus has cost the host since the guest's drivers were started. */
export function usbWakeups({ controllers }: UsbBus, nowMs: number): number {
  return controllers.reduce((sum, controller) => sum + controllerWakeups(controller, nowMs), 0);
}

/** Interrupts of transfers that brought something. */
export function usbInterrupts({ controllers }: UsbBus, nowMs: number): number {
  return controllers.reduce((sum, controller) => sum + controllerTransfers(controller, nowMs), 0);
}

/** Whether any device has input now: without it, nothing is transferred but by {@link usbInputEvent}. */
export function hasUsbInput({ controllers }: UsbBus): boolean {
  for (let i = 0; i < controllers.length; i++) if (controllers[i]!.inputPerSecond > 0) return true;
  return false;
}

/** Host CPU time in ns that the wakeups from `fromMs` to `toMs` cost, if nothing changes in between. */
export function usbHostNs(bus: UsbBus, fromMs: number, toMs: number): number {
  return (usbWakeups(bus, toMs) - usbWakeups(bus, fromMs)) * bus.config.wakeupNs;
}
