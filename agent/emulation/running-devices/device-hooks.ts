import { type Core, emitRaised, touch } from '../core.ts';
import { withBootShare } from '../devices/boot-course.ts';
import type { Consequence } from '../devices/consequence.ts';
import { bootDurationMs } from '../devices/device-plan.ts';
import { simulatedTimeMs } from '../devices/guest-clock.ts';
import {
  arriveDevices,
  bootDevices,
  closeDevices,
  type DevicesOutcome,
  devicesDueMs,
  expectKernel,
  type GuestDevices,
  guestMsOf,
  movedDevices,
  offDevices,
  runDevices,
  upDevices,
} from '../devices/guest-devices.ts';
import { type Domain, fieldsOf } from '../domain/domain.ts';
import type { GuestPhase } from '../guest/guest-load.ts';
import { DOMAIN_STATE } from '../states.ts';

/** Gives a domain its devices as they are now, and waits for what they do next: with one timer. */
export function putDevices(core: Core, domain: Domain, devices: GuestDevices): void {
  const fields = fieldsOf(domain);
  if (fields.devices === devices) return;
  touch(core, domain);
  fields.devices = devices;
  if (fields.process) fields.process.devices = devices;
  const due = devicesDueMs(devices);
  const at = due === undefined ? undefined : simulatedTimeMs(devices.clock, due);
  // In whole ms, like everything that others can see; never before it is due.
  const atMs = at === undefined ? undefined : Math.max(core.clock.nowMs, Math.ceil(at));
  if (fields.deviceTimer?.atMs === atMs) return;
  fields.deviceTimer?.cancel();
  fields.deviceTimer =
    atMs === undefined
      ? undefined
      : core.clock.schedule(atMs, () => {
          fields.deviceTimer = undefined;
          core.runDevices(core, domain);
        });
}

/** The life cycle itself is at work: all that can follow here is events. */
function settle(core: Core, domain: Domain, { devices, consequences }: DevicesOutcome): void {
  putDevices(core, domain, devices);
  for (const each of consequences) tell(core, domain, each);
}

function tell(core: Core, domain: Domain, consequence: Consequence): void {
  if (consequence.kind === 'event') emitRaised(core, domain, consequence.event);
}

/** A new emulator process has new devices. */
export function launchDevices(core: Core, domain: Domain, running: boolean, wasUp: boolean): void {
  const { config, host } = domain;
  const { nowMs } = core.clock;
  putDevices(core, domain, core.shelf.create(config, host.config.profile, nowMs, running, wasUp));
}

/** The emulator process is gone. What the guest made of a `variable` clock is kept in its definition. */
export function endDevices(core: Core, domain: Domain): void {
  touch(core, domain);
  const fields = fieldsOf(domain);
  const { rtc } = fields.devices ?? {};
  const next = fields.nextConfig ?? fields.config;
  if (rtc && rtc.changes > 0 && next.devices?.rtc?.offset === 'variable') {
    const { adjustmentSeconds } = rtc.config;
    const devices = { ...next.devices, rtc: { ...next.devices.rtc, adjustmentSeconds } };
    fields.nextConfig = Object.freeze({ ...next, devices });
  }
  fields.deviceTimer?.cancel();
  fields.deviceTimer = undefined;
  fields.devices = undefined;
}

/** The vCPUs run or stand still. */
export function setDevicesRunning(core: Core, domain: Domain, running: boolean): void {
  const { devices } = fieldsOf(domain);
  const asleep = domain.state === DOMAIN_STATE.PMSUSPENDED;
  if (!devices || (devices.clock.running === running && !asleep)) return;
  putDevices(core, domain, runDevices(devices, core.clock.nowMs, running, asleep));
}

/**
 * The guest's system begins something else.
 *
 * `drawnMs` is how long the life cycle lets the boot of such a guest take, with a processor of its own.
 */
export function phaseDevices(core: Core, domain: Domain, phase: GuestPhase, drawnMs: number): void {
  const { devices } = fieldsOf(domain);
  const { nowMs } = core.clock;
  if (!devices) return;
  switch (phase) {
    case 'booting':
      return settle(core, domain, bootDevices(devices, nowMs, bootDurationMs(devices.plan, drawnMs)));
    case 'up':
      return putDevices(core, domain, arriveDevices(devices, nowMs));
    case 'closing':
      return settle(core, domain, closeDevices(devices, nowMs));
    case 'off':
      return settle(core, domain, offDevices(devices, nowMs, domain.state === DOMAIN_STATE.CRASHED));
  }
}

/** A guest that boots gets another share (0 to 1) of the processors from now on. */
export function paceDevices(core: Core, domain: Domain, share: number): void {
  const { devices } = fieldsOf(domain);
  if (!devices) return;
  const ms = guestMsOf(devices, core.clock.nowMs);
  const paced = withBootShare(devices, ms, share);
  if (paced !== devices) putDevices(core, domain, expectKernel(paced, ms));
}

/** The guest's boot is over. */
export function bootedDevices(core: Core, domain: Domain): void {
  const { devices } = fieldsOf(domain);
  if (devices) settle(core, domain, upDevices(devices, core.clock.nowMs));
}

/** The guest goes on here, on another host, with the devices that it had. */
export function handDevices(core: Core, from: Domain, to: Domain): void {
  const { devices } = fieldsOf(from);
  if (!devices || !fieldsOf(to).devices) return;
  putDevices(core, to, movedDevices(devices, core.clock.nowMs, to.host.config.profile));
}
