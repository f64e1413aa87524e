import { guestMsOf } from '../devices/guest-devices.ts';
import { drawingExits, drawingInterrupts, planDrawing } from '../display/drawing.ts';
import type { EmulatorProcess } from '../process/emulator-process.ts';
import { hasUsbInput, usbHostNs, usbInterrupts } from '../usb/usb-bus.ts';
import type { TickSpan } from './host-engine.ts';

/** What the wakeups of a guest's USB controllers cost the emulator in a span, in whole ns per ms. */
export function usbRate({ devices }: EmulatorProcess, { nowMs, spanMs }: TickSpan): number {
  const usb = devices?.usb;
  if (!usb || usb.config.model === 'qemu-xhci') return 0;
  const ms = guestMsOf(devices, nowMs);
  return Math.round(usbHostNs(usb, ms, ms + spanMs) / spanMs);
}

/**
 * Plans what a guest's desktop draws in a span; returns the share of one vCPU's time that waits for the renderer.
 *
 * Nothing while the guest's system is not up, its driver is on the way to sleep, or the device waits for a reset.
 */
export function drawDesktop(process: EmulatorProcess, { spanMs }: TickSpan, activity: number): number {
  const { machine, display, devices, load } = process;
  if (!display || load.phase !== 'up' || !devices?.display) return 0;
  const { qxl, spice } = devices.display;
  if (qxl.guestBug || qxl.sleep !== 'awake') return 0;
  return planDrawing(machine, display.part, display.config, activity, spice.clients.length, spanMs);
}

/** Exits that the devices cause in a span: what is drawn, and USB transfers that bring something. */
export function deviceExits(process: EmulatorProcess, span: TickSpan): number {
  const { machine, display } = process;
  return (display ? drawingExits(machine, display.part) : 0) + usbTransfers(process, span);
}

/** Interrupts of the devices in a span; a wakeup that brings nothing raises none. */
export function deviceInterrupts(process: EmulatorProcess, span: TickSpan): number {
  const { machine, display } = process;
  const drawn = display ? drawingInterrupts(machine, display.part, display.config) : 0;
  return drawn + usbTransfers(process, span);
}

function usbTransfers({ devices }: EmulatorProcess, { nowMs, spanMs }: TickSpan): number {
  const usb = devices?.usb;
  if (!usb || !hasUsbInput(usb)) return 0;
  const ms = guestMsOf(devices, nowMs);
  return usbInterrupts(usb, ms + spanMs) - usbInterrupts(usb, ms);
}
