import { type Boot, finishedBoot, planBoot, startBoot } from '../console/boot.ts';
import type { BootMachine } from '../console/boot-text.ts';
import {
  attachConsole,
  consoleAt,
  haltConsole,
  printKernel,
  resetConsole,
  type SerialConsole,
} from '../console/console.ts';
import {
  createKernel,
  type GuestKernel,
  kernelUp,
  resetKernel,
  settleDirty,
  syncDirty,
} from '../debug/guest-kernel.ts';
import {
  createQxl,
  fallAsleep,
  type Qxl,
  qxlDueMs,
  resetQxl,
  saveSurfaces,
  setSurfaces,
  wakeUp,
} from '../display/qxl.ts';
import { createSpice, type Spice } from '../display/spice.ts';
import type { DomainConfig } from '../domain/domain-config.ts';
import type { Profile } from '../lifecycle/story.ts';
import { createUsbBus, type UsbBus } from '../usb/usb-bus.ts';
import {
  createWatchdog,
  disarmWatchdog,
  feedWatchdog,
  starveWatchdog,
  type Watchdog,
  watchdogDueMs,
} from '../watchdog/watchdog.ts';
import { stageDueMs } from './boot-course.ts';
import type { Consequence } from './consequence.ts';
import { consolePace, type DevicePlan } from './device-plan.ts';
import { agentConnects, agentDisconnects, createGuestAgent, type GuestAgent } from './guest-agent.ts';
import { createGuestClock, type GuestClock, guestTimeMs, setClockRunning } from './guest-clock.ts';
import { createRtc, type Rtc, rebootRtc } from './rtc.ts';

/** A display device with its server. */
export interface Display {
  readonly qxl: Qxl;
  readonly spice: Spice;
}

/**
 * The devices of one guest that act on events alone, from its emulator's start to its end.
 *
 * Immutable: a change makes another record. Times are guest ms of `clock`, but for `rtc`, whose times are
 * simulated ms. What a guest does not have is `undefined`.
 */
export interface GuestDevices {
  readonly plan: DevicePlan;
  readonly clock: GuestClock;
  readonly console: SerialConsole | undefined;
  /** The boot that goes on when there is no console that shows it. */
  readonly boot: Boot | undefined;
  readonly kernel: GuestKernel | undefined;
  readonly usb: UsbBus | undefined;
  readonly display: Display | undefined;
  readonly watchdog: Watchdog | undefined;
  readonly agent: GuestAgent | undefined;
  readonly rtc: Rtc | undefined;
  /** Targets of the drives whose trays are open. */
  readonly openTrays: readonly string[];
  /** When the boot that goes on hands over to the kernel. */
  readonly kernelDueMs: number | undefined;
  /** The guest came here booted: its agent is found as soon as it runs. */
  readonly arrived: boolean;
}

/** Devices after a change, with what follows from it. */
export interface DevicesOutcome {
  readonly devices: GuestDevices;
  readonly consequences: readonly Consequence[];
}

const NO_TRAYS: readonly string[] = [];

/** What of a definition the boot messages tell, without the rest. */
export function bootMachine(config: DomainConfig, plan: DevicePlan): BootMachine {
  const { name, uuid, vcpus, currentMemoryKiB, disks, nics } = config;
  return { name, uuid, vcpus, currentMemoryKiB, disks, nics, profile: plan.guest };
}

/**
 * The devices of an emulator that starts at `nowMs`, in simulated ms, with a guest that is up.
 *
 * `wasUp`: for long, so that its agent is connected and its watchdog fed; nobody is told about it.
 */
export function createGuestDevices(
  config: DomainConfig,
  plan: DevicePlan,
  nowMs: number,
  wasUp: boolean,
): GuestDevices {
  const { vcpus, memoryKiB } = config;
  const { console, kernel, usb, qxl, watchdog, agent, rtc, host } = plan;
  const channel = agent && createGuestAgent(agent, 0);
  const timer = watchdog && createWatchdog(watchdog, 0);
  return {
    plan,
    clock: createGuestClock(nowMs),
    console: console && attachConsole(console, bootMachine(config, plan), 0),
    boot: undefined,
    kernel: kernel && createKernel(kernel, { profile: host, vcpus, memoryKiB }, 0),
    usb: usb && createUsbBus(usb, 0),
    display: qxl && withDesktop({ qxl: createQxl(qxl, 0), spice: createSpice() }),
    watchdog: timer && wasUp ? feedWatchdog(timer, 0) : timer,
    agent: channel && wasUp ? agentConnects(channel, 0, host).record : channel,
    rtc: rtc && createRtc(rtc, nowMs),
    openTrays: NO_TRAYS,
    kernelDueMs: undefined,
    arrived: false,
  };
}

/** The display of a guest whose driver is up, with what it keeps there. */
function withDesktop(display: Display): Display {
  const { qxl } = display;
  return { ...display, qxl: setSurfaces(qxl, qxl.config.surfaces) };
}

/** Guest ms at a simulated instant. */
export function guestMsOf({ clock }: GuestDevices, nowMs: number): number {
  return guestTimeMs(clock, nowMs);
}

/** The guest is switched on, or reset by whoever: everything begins anew behind what was counted. */
export function bootDevices(devices: GuestDevices, nowMs: number, bootMs: number): DevicesOutcome {
  const { plan, console: seen, kernel, display, watchdog, agent, rtc, usb } = devices;
  const ms = guestMsOf(devices, nowMs);
  const paced = consolePace(plan.boot, bootMs);
  const console = seen && resetConsole({ ...seen, config: paced.config }, ms, 1, paced.pace);
  const gone = agent && agentDisconnects(agent, ms, plan.host);
  const booting: GuestDevices = {
    ...devices,
    console,
    boot: console ? undefined : startBoot(planBoot(paced.config, paced.pace), ms, 1),
    kernel: kernel && resetKernel(kernel, ms),
    display: display && { ...display, qxl: resetQxl(display.qxl, ms) },
    watchdog: watchdog && disarmWatchdog(watchdog, ms),
    agent: gone?.record,
    usb: usb && createUsbBus(usb.config, ms),
    rtc: rtc && rebootRtc(rtc, nowMs),
    kernelDueMs: undefined,
    arrived: false,
  };
  return { devices: expectKernel(booting, ms), consequences: gone?.consequences ?? [] };
}

/** Finds out when the boot as it is now will hand over to the kernel. */
export function expectKernel(devices: GuestDevices, ms: number): GuestDevices {
  const { plan, kernel } = devices;
  if (kernel?.state !== 'absent') return { ...devices, kernelDueMs: undefined };
  const due = stageDueMs(devices, ms, 'kernel');
  // A paravirtual guest begins with its kernel.
  if (due === undefined && plan.boot.bootKind === 'paravirtual')
    return { ...devices, kernel: kernelUp(kernel, ms), kernelDueMs: undefined };
  return { ...devices, kernelDueMs: due };
}

function withoutDue(kernel: GuestKernel): GuestKernel {
  const { dueMs: _due, ...rest } = kernel;
  return rest;
}

/** The guest has booted: its services start, agent and watchdog's program among them. */
export function upDevices(devices: GuestDevices, nowMs: number): DevicesOutcome {
  const { plan, kernel, watchdog, agent, display } = devices;
  const ms = guestMsOf(devices, nowMs);
  if (kernel && kernel.state !== 'running' && kernel.state !== 'absent') return { devices, consequences: [] };
  const connected = agent && agentConnects(agent, ms, plan.host);
  return {
    devices: {
      ...devices,
      boot: undefined,
      kernel: kernel && kernelUp(kernel, ms),
      kernelDueMs: undefined,
      display: display && withDesktop(display),
      watchdog: watchdog && feedWatchdog(watchdog, ms),
      agent: connected?.record,
    },
    consequences: connected?.consequences ?? [],
  };
}

/** The guest came here booted, out of an image or from another host. */
export function arriveDevices(devices: GuestDevices, nowMs: number): GuestDevices {
  const { console: seen, kernel, watchdog, agent } = devices;
  const isUp = (!kernel || kernel.state === 'running') && !seen?.text && !seen?.halted;
  if (isUp && watchdog?.armed !== false && agent?.connected !== false) return devices;
  const ms = guestMsOf(devices, nowMs);
  const console = seen && consoleAt(seen, ms);
  const running =
    kernel && (kernel.state === 'running' ? kernel : { ...withoutDue(kernel), state: 'running' as const });
  return {
    ...devices,
    console: console && { ...console, boot: finishedBoot(ms), text: undefined, halted: false },
    boot: undefined,
    kernel: running,
    kernelDueMs: undefined,
    watchdog: watchdog && !watchdog.armed ? feedWatchdog(watchdog, ms) : watchdog,
    arrived: agent !== undefined && !agent.connected,
  };
}

/** The guest's system goes down in order: services stop, and what was dirty is written. */
export function closeDevices(devices: GuestDevices, nowMs: number): DevicesOutcome {
  const { plan, kernel, watchdog, agent } = devices;
  const ms = guestMsOf(devices, nowMs);
  // A crash kernel, or one that hangs, stops nothing in order.
  if (kernel && kernel.state !== 'running' && kernel.state !== 'absent') return { devices, consequences: [] };
  const gone = agent && agentDisconnects(agent, ms, plan.host);
  return {
    devices: {
      ...devices,
      watchdog: watchdog && disarmWatchdog(watchdog, ms),
      agent: gone?.record,
      arrived: false,
    },
    consequences: gone?.consequences ?? [],
  };
}

/** The guest's system is off: by its own doing, or (`crashed`) because its kernel panicked. */
export function offDevices(devices: GuestDevices, nowMs: number, crashed: boolean): DevicesOutcome {
  const ms = guestMsOf(devices, nowMs);
  if (crashed) {
    const { console, kernel } = devices;
    const text = 'Kernel panic - not syncing: Fatal exception\r\n';
    const said = console && kernel?.state === 'running' ? printKernel(console, ms, text) : console;
    return { devices: haltedDevices({ ...devices, console: said }, ms), consequences: [] };
  }
  const closed = closeDevices(devices, nowMs);
  const { kernel } = closed.devices;
  if (kernel?.state !== 'running')
    return { ...closed, devices: { ...closed.devices, kernelDueMs: undefined } };
  const off: GuestKernel = { ...syncDirty(kernel, ms), state: 'absent' };
  return { ...closed, devices: { ...closed.devices, kernel: off, kernelDueMs: undefined } };
}

/**
 * The guest's kernel has stopped for ever: console silent, watchdog not fed.
 *
 * A kernel that panics waits for its line: all that it has written has been sent.
 */
export function haltedDevices(devices: GuestDevices, ms: number): GuestDevices {
  const { console: seen, kernel, watchdog } = devices;
  const console = seen && haltConsole(seen, ms);
  const { log } = console ?? {};
  const panicked =
    kernel && (kernel.state === 'running' || kernel.state === 'hung' || kernel.state === 'absent');
  return {
    ...devices,
    console: console && log && { ...console, log: { ...log, clearMs: Math.min(log.clearMs, ms) } },
    boot: undefined,
    kernel: panicked ? { ...withoutDue(settleDirty(kernel, ms)), state: 'panicked' } : kernel,
    kernelDueMs: undefined,
    watchdog: watchdog && starveWatchdog(watchdog, ms),
  };
}

/** vCPUs that run or stand still from an instant on. What waited for them is due then. */
export function runDevices(
  devices: GuestDevices,
  nowMs: number,
  running: boolean,
  asleep: boolean,
): GuestDevices {
  const { clock, kernel, display } = devices;
  const ms = guestMsOf(devices, nowMs);
  const paused = kernel && !kernel.paused && !running ? { ...kernel, paused: true } : kernel;
  const resumed =
    paused?.paused && running && paused.queue.length === 0 ? { ...paused, paused: false } : paused;
  return {
    ...devices,
    clock: setClockRunning(clock, nowMs, running),
    kernel: resumed,
    display: display && { ...display, qxl: sleeping(display.qxl, ms, running, asleep) },
  };
}

function sleeping(qxl: Qxl, ms: number, running: boolean, asleep: boolean): Qxl {
  if (running) return wakeUp(qxl, ms).record;
  if (!asleep || qxl.sleep === 'asleep') return qxl;
  const { async, revision } = qxl.config;
  // Asked for from outside, the driver flushes on its way down as well.
  const flushed = qxl.sleep === 'awake' && async && revision >= 3 && !qxl.guestBug;
  return fallAsleep(flushed ? saveSurfaces(qxl) : qxl, ms);
}

/** The devices of a guest that moved to a host of an era: as they were there, found anew by libvirt here. */
export function movedDevices(devices: GuestDevices, nowMs: number, host: Profile): GuestDevices {
  const { agent, kernel } = devices;
  const ms = guestMsOf(devices, nowMs);
  const clock: GuestClock = { guestMs: ms, sinceMs: nowMs, running: false };
  const arrived = agent?.connected ?? false;
  const moved: GuestDevices = {
    ...devices,
    plan: { ...devices.plan, host },
    clock,
    kernel: kernel && { ...kernel, paused: true },
    agent: agent && arrived ? { ...agent, connected: false, sinceMs: ms } : agent,
    arrived,
  };
  return kernel?.state === 'absent' ? { ...arriveDevices(moved, nowMs), clock } : moved;
}

/** When a device does something by itself, in guest ms; `undefined` for never as things are. */
export function devicesDueMs(devices: GuestDevices): number | undefined {
  const { clock, kernel, watchdog, agent, display, kernelDueMs, arrived } = devices;
  const now = clock.guestMs;
  const times = [
    arrived ? now : undefined,
    kernel?.paused && kernel.queue.length > 0 ? now : undefined,
    kernel?.dueMs,
    kernelDueMs,
    watchdog && watchdogDueMs(watchdog),
    agent?.dueMs,
    display && qxlDueMs(display.qxl),
  ].filter((time) => time !== undefined);
  return times.length > 0 ? Math.min(...times) : undefined;
}
