import {
  addToCounter,
  counterValue,
  createCounter,
  type LinearCounter,
  setCounterRate,
} from '../devices/linear-counter.ts';
import { pollIntervalMs, type UsbConfig, type UsbDeviceConfig } from './usb-config.ts';
import { frameWakeups, stretchedWakeups } from './wakeups.ts';

/** How a controller asks its devices for news: frame by frame, with a period that stretches, or not at all. */
export type UsbPolling = 'uhci' | 'ehci' | 'xhci';

/**
 * One USB controller of a running guest. Immutable; times are guest ms, so a paused guest costs no wakeups.
 *
 * Nothing has to be done while nothing changes: wakeups follow from how long the present quiet, or the present
 * traffic, has lasted.
 */
export interface UsbController {
  /** libvirt's model, as in ich9-uhci2. */
  readonly name: string;
  readonly polling: UsbPolling;
  readonly devices: readonly UsbDeviceConfig[];
  readonly config: UsbConfig;
  /** Input events per second that its devices have now. */
  readonly inputPerSecond: number;
  /** Since when the traffic, or its absence, is what it is. */
  readonly sinceMs: number;
  /** Timer wakeups up to that time. */
  readonly wakeupsBefore: number;
  /** Transfers that brought something; each raises an interrupt. */
  readonly transfers: LinearCounter;
  /** Times that an input event woke it up. */
  readonly remoteWakeups: number;
}

/** A controller that the guest's driver starts at `nowMs`. */
export function createController(
  name: string,
  polling: UsbPolling,
  devices: readonly UsbDeviceConfig[],
  config: UsbConfig,
  nowMs: number,
): UsbController {
  return {
    name,
    polling,
    devices,
    config,
    inputPerSecond: 0,
    sinceMs: nowMs,
    wakeupsBefore: 0,
    transfers: createCounter(nowMs),
    remoteWakeups: 0,
  };
}

/** ms of quiet after which the controller stops; infinite when it never does. */
function stopsAfterMs({ polling, devices, config }: UsbController): number {
  const { remoteWakeup, autosuspendMs, autostopMs } = config;
  if (polling === 'ehci') {
    // Without a device no schedule is on; with every port asleep both are off.
    if (devices.length === 0) return 0;
    return remoteWakeup ? autosuspendMs : Number.POSITIVE_INFINITY;
  }
  if (devices.length === 0) return autostopMs;
  return remoteWakeup ? autosuspendMs + autostopMs : Number.POSITIVE_INFINITY;
}

/** Timer wakeups on the host since the controller was started. */
export function controllerWakeups(controller: UsbController, nowMs: number): number {
  const { polling, inputPerSecond, sinceMs, wakeupsBefore } = controller;
  if (polling === 'xhci') return wakeupsBefore;
  const ms = nowMs - sinceMs;
  if (inputPerSecond > 0) return wakeupsBefore + frameWakeups(ms);
  const wakeups = polling === 'uhci' ? frameWakeups : stretchedWakeups;
  return wakeupsBefore + wakeups(ms, stopsAfterMs(controller));
}

/** Whether the controller runs a timer at an instant: its devices have not all gone to sleep. */
export function isPolling(controller: UsbController, nowMs: number): boolean {
  if (controller.polling === 'xhci') return false;
  return controller.inputPerSecond > 0 || nowMs - controller.sinceMs < stopsAfterMs(controller);
}

function settled(controller: UsbController, nowMs: number): UsbController {
  const asleep =
    controller.polling !== 'xhci' && controller.devices.length > 0 && !isPolling(controller, nowMs);
  return {
    ...controller,
    sinceMs: nowMs,
    wakeupsBefore: controllerWakeups(controller, nowMs),
    remoteWakeups: controller.remoteWakeups + (asleep ? 1 : 0),
  };
}

/** The most transfers that the devices can complete in a second: each is asked at its interval. */
function mostPerSecond(devices: readonly UsbDeviceConfig[]): number {
  return devices.reduce((sum, device) => sum + 1000 / pollIntervalMs(device), 0);
}

/** Input comes at another rate from now on, 0 for none; the quiet begins anew when it ends. */
export function setInput(controller: UsbController, nowMs: number, perSecond: number): UsbController {
  if (controller.devices.length === 0 || perSecond === controller.inputPerSecond) return controller;
  const rate = Math.min(perSecond, mostPerSecond(controller.devices));
  return {
    ...settled(controller, nowMs),
    inputPerSecond: perSecond,
    transfers: setCounterRate(controller.transfers, nowMs, rate),
  };
}

/** One input event, or one block of a storage device: a transfer, and the quiet begins anew. */
export function inputEvent(controller: UsbController, nowMs: number): UsbController {
  if (controller.devices.length === 0) return controller;
  return { ...settled(controller, nowMs), transfers: addToCounter(controller.transfers, nowMs, 1) };
}

/** Transfers that brought something since the controller was started: its interrupts. */
export function controllerTransfers(controller: UsbController, nowMs: number): number {
  return counterValue(controller.transfers, nowMs);
}
