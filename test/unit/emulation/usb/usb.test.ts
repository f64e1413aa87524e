import { describe, expect, it } from 'vitest';
import {
  createGuestClock,
  type GuestClock,
  guestTimeMs,
  setClockRunning,
} from '../../../../agent/emulation/devices/guest-clock.ts';
import {
  createUsbBus,
  setUsbInput,
  type UsbBus,
  usbHostNs,
  usbInputEvent,
  usbInterrupts,
  usbWakeups,
} from '../../../../agent/emulation/usb/usb-bus.ts';
import { USB_DEFAULTS, type UsbConfig } from '../../../../agent/emulation/usb/usb-config.ts';
import { controllerWakeups, isPolling } from '../../../../agent/emulation/usb/usb-controller.ts';
import { stretchedWakeups } from '../../../../agent/emulation/usb/wakeups.ts';

const UHCI = USB_DEFAULTS.rhel6;
const TABLET = UHCI.devices[0]!;
const EHCI: UsbConfig = { ...UHCI, model: 'ich9-ehci1', devices: [{ ...TABLET, speed: 'high' }] };

/** Wakeups in a time. */
function between(bus: UsbBus, fromMs: number, toMs: number): number {
  return usbWakeups(bus, toMs) - usbWakeups(bus, fromMs);
}

/** An EHCI's passes, counted one by one. */
function passesByHand(ms: number): number {
  let [at, passes] = [0, 0];
  for (let period = 2; at + period <= ms; period = Math.min(65, period + 1)) {
    at += period;
    passes++;
  }
  return passes;
}

describe('a USB bus', () => {
  it.each([
    ['quiet', 0],
    ['with a busy mouse', 80],
  ])('A8.1 UHCI with a tablet, wakeup off: 1000 wakeups/s, %s', (_, rate) => {
    const bus = setUsbInput(createUsbBus(UHCI, 0), 0, 0, rate);
    for (const from of [0, 5000, 3_600_000]) expect(between(bus, from, from + 1000)).toBe(1000);
    expect(usbInterrupts(bus, 10_000)).toBe(rate * 10);
  });

  it('A8.1 each running controller costs its own 1000', () => {
    const bus = createUsbBus({ ...EHCI, devices: [0, 2].map((port) => ({ ...TABLET, port })) }, 0);
    expect(bus.controllers.map(({ name, devices }) => [name, devices.length])).toEqual([
      ['ich9-uhci1', 1],
      ['ich9-uhci2', 1],
      ['ich9-uhci3', 0],
      ['ich9-ehci1', 0],
    ]);
    // The third has no device and stops after 1 s.
    expect(between(bus, 0, 1000)).toBe(3000);
    expect(between(bus, 1000, 2000)).toBe(2000);
  });

  it('A8.2 remote wakeup on: none after 2 s of quiet and up to 1 s more; input restores 1000/s for as long', () => {
    let bus = createUsbBus({ ...UHCI, remoteWakeup: true }, 0);
    expect(between(bus, 1000, 2000)).toBe(1000);
    expect(between(bus, 3000, 3_600_000)).toBe(0);
    expect(usbHostNs(bus, 0, 1000) - usbHostNs(bus, 10_000, 11_000)).toBe(1000 * UHCI.wakeupNs);
    expect(bus.controllers.map((controller) => isPolling(controller, 10_000))).toEqual([false]);
    bus = usbInputEvent(bus, 10_000, 0);
    expect(between(bus, 10_000, 12_000)).toBe(2000);
    expect(between(bus, 13_000, 60_000)).toBe(0);
    expect(bus.controllers[0]!.remoteWakeups).toBe(1);
    bus = setUsbInput(bus, 60_000, 0, 40);
    expect(between(bus, 60_000, 120_000)).toBe(60_000);
    bus = setUsbInput(bus, 120_000, 0, 0);
    expect([between(bus, 120_000, 122_000), between(bus, 123_000, 200_000)]).toEqual([2000, 0]);
    expect(usbWakeups(bus, 200_000)).toBe(3000 + 3000 + 60_000 + 3000);
    expect(bus.controllers[0]!.remoteWakeups).toBe(2);
  });

  it('A8.3 EHCI with an idle periodic schedule: between 15 and 1000 wakeups/s, falling with idleness', () => {
    const bus = createUsbBus(EHCI, 0);
    const ehci = bus.controllers.at(-1)!;
    const own = (from: number) => controllerWakeups(ehci, from + 1000) - controllerWakeups(ehci, from);
    const rates = [0, 500, 1000, 60_000].map(own);
    // What a stretched period gives in one second is 15 or 16; before that it falls from one to the next.
    for (const [i, rate] of rates.slice(1).entries()) expect(rate).toBeLessThan(rates[i]!);
    for (const rate of rates) {
      expect(rate).toBeGreaterThanOrEqual(15);
      expect(rate).toBeLessThan(1000);
    }
    expect(rates.at(-1)).toBeLessThanOrEqual(16);
    const busy = setUsbInput(bus, 60_000, 0, 10);
    expect(between(busy, 61_000, 62_000)).toBe(1000);
    const quiet = setUsbInput(busy, 70_000, 0, 0);
    expect(between(quiet, 70_000, 71_000)).toBe(stretchedWakeups(1000));
  });

  it('A8.3 the passes of a stretching period are those counted one by one', () => {
    for (let ms = 0; ms < 6000; ms++) expect(stretchedWakeups(ms)).toBe(passesByHand(ms));
  });

  it('A8.3 EHCI with remote wakeup stops with its ports, xHCI never polls', () => {
    const bus = createUsbBus({ ...EHCI, remoteWakeup: true }, 0);
    expect(between(bus, 2000, 3_600_000)).toBe(0);
    const xhci = setUsbInput(createUsbBus({ ...UHCI, model: 'qemu-xhci' }, 0), 0, 0, 50);
    expect([usbWakeups(xhci, 3_600_000), usbInterrupts(xhci, 1000)]).toEqual([0, 50]);
  });

  it('A8.4 a paused guest costs no wakeups', () => {
    const bus = createUsbBus(UHCI, 0);
    let clock: GuestClock = setClockRunning(createGuestClock(500), 500, true);
    const at = (nowMs: number) => usbWakeups(bus, guestTimeMs(clock, nowMs));
    expect(at(1500)).toBe(1000);
    clock = setClockRunning(clock, 1500, false);
    expect([at(1500), at(90_000)]).toEqual([1000, 1000]);
    clock = setClockRunning(clock, 90_000, true);
    expect(at(91_000)).toBe(2000);
  });

  it('A8.4 interrupts come of transfers alone, no more than the devices are asked', () => {
    const idle = createUsbBus(UHCI, 0);
    expect(usbInterrupts(idle, 60_000)).toBe(0);
    expect(usbInterrupts(usbInputEvent(idle, 5, 0), 60_000)).toBe(1);
    // A full-speed tablet is asked every 10 ms, a fast one every 8 ms, a fast mouse every ms.
    expect(usbInterrupts(setUsbInput(idle, 0, 0, 5000), 1000)).toBe(100);
    expect(usbInterrupts(setUsbInput(createUsbBus(EHCI, 0), 0, 0, 5000), 1000)).toBe(125);
    const mouse: UsbConfig = { ...EHCI, devices: [{ kind: 'mouse', speed: 'high', port: 0 }] };
    expect(usbInterrupts(setUsbInput(createUsbBus(mouse, 0), 0, 0, 5000), 1000)).toBe(1000);
    const disk: UsbConfig = { ...EHCI, devices: [{ kind: 'storage', speed: 'high', port: 3 }] };
    expect(usbInterrupts(setUsbInput(createUsbBus(disk, 0), 0, 3, 400), 1000)).toBe(400);
    expect(setUsbInput(idle, 10, 1, 50)).toEqual(idle);
    expect(usbInputEvent(idle, 10, 1)).toEqual(idle);
  });

  it('refuses a port that is not there, or taken', () => {
    const bad = (devices: UsbConfig['devices']) => () => createUsbBus({ ...UHCI, devices }, 0);
    expect(bad([{ ...TABLET, port: 2 }])).toThrow('tablet on port 2; piix3-uhci has ports 0 to 1');
    expect(bad([TABLET, TABLET])).toThrow('two devices on port 0');
  });
});
