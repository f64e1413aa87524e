import { readContainerShare } from '../container/container-read.ts';
import { because, type Core, touch } from '../core.ts';
import { bootHangs, stageDueMs } from '../devices/boot-course.ts';
import { simulatedTimeMs } from '../devices/guest-clock.ts';
import { guestMsOf } from '../devices/guest-devices.ts';
import { type Domain, fieldsOf } from '../domain/domain.ts';
import { stallShare } from '../memory/guest-read.ts';
import type { EmulatorProcess } from '../process/emulator-process.ts';
import { bootedDevices, paceDevices } from '../running-devices/device-hooks.ts';
import { DOMAIN_STATE, type DomainState } from '../states.ts';
import { shareOfVcpus } from '../tick/guest-tick.ts';
import type { GuestPhase } from './guest-load.ts';

/** Keeps what floating point adds to a time from costing a ms. */
const EPSILON_MS = 1e-6;

/** Whether the vCPUs of a domain in this state make progress. */
export function vcpusRun(state: DomainState): boolean {
  return state === DOMAIN_STATE.RUNNING || state === DOMAIN_STATE.NOSTATE || state === DOMAIN_STATE.SHUTDOWN;
}

/** Lets the guest's system do something else, as far as its load is concerned. */
export function setPhase(core: Core, domain: Domain, phase: GuestPhase): void {
  const { process } = fieldsOf(domain);
  if (process) domain.host.engine.setPhase(process, phase, core.ticker.rest());
}

/**
 * Makes a boot that goes on follow what its guest gets of the processors, and waits for what comes first: its end,
 * or the end of the tick, with which the share may change.
 *
 * To be called whenever the vCPUs begin to run, stand still, or get another share. A boot that hangs never ends.
 */
export function watchBoot(core: Core, domain: Domain): void {
  const fields = fieldsOf(domain);
  if (!fields.booting) return;
  touch(core, domain);
  fields.bootTimer?.cancel();
  fields.bootTimer = undefined;
  const runs = vcpusRun(domain.state);
  // Xen's blocked vCPUs wait, and the guest's time goes on.
  if (fields.devices?.clock.running) paceDevices(core, domain, runs ? bootShare(fields.process) : 0);
  if (!runs || !fields.devices) return;
  const { devices } = fields;
  const { nowMs } = core.clock;
  const ms = guestMsOf(devices, nowMs);
  const due = stageDueMs(devices, ms, 'up');
  const upMs = due === undefined ? undefined : simulatedTimeMs(devices.clock, due);
  const tickEndMs = bootHangs(devices, ms) ? Number.POSITIVE_INFINITY : nowMs + core.ticker.rest().spanMs;
  const ends = upMs !== undefined && upMs - EPSILON_MS <= tickEndMs;
  const at = ends ? Math.ceil(upMs - EPSILON_MS) : tickEndMs;
  fields.bootTimer = core.clock.schedule(at, () => {
    fields.bootTimer = undefined;
    if (ends) because(core, 'guest', () => endBoot(core, domain));
    else watchBoot(core, domain);
  });
}

/** What a guest's work gets of the processor time that it asks for, 0 to 1: less when it waits for its memory. */
function bootShare(process: EmulatorProcess | undefined): number {
  if (!process) return 1;
  const { machine, ram, container } = process;
  if (container) return readContainerShare(machine, container.place);
  return shareOfVcpus(process) * (ram ? 1 - stallShare(machine, ram.part) : 1);
}

function endBoot(core: Core, domain: Domain): void {
  fieldsOf(domain).booting = false;
  setPhase(core, domain, domain.state === DOMAIN_STATE.SHUTDOWN ? 'closing' : 'up');
  bootedDevices(core, domain);
}

/** How long to wait, in ms, until a guest that boots may have booted; it is to be looked at again then. */
export function bootWaitMs(core: Core, domain: Domain): number {
  const { bootTimer } = fieldsOf(domain);
  return bootTimer ? bootTimer.atMs - core.clock.nowMs : Number.POSITIVE_INFINITY;
}

/** The boot that went on is over, or was cut off. */
export function stopBoot(core: Core, domain: Domain): void {
  touch(core, domain);
  const fields = fieldsOf(domain);
  fields.bootTimer?.cancel();
  fields.bootTimer = undefined;
  fields.booting = false;
}
