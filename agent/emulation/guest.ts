import { dropBlockJobs } from './block-jobs.ts';
import { type Core, drawDurationMs, touch } from './core.ts';
import { type Domain, fieldsOf } from './domain.ts';
import { type GuestPhase, launchLoad, programShare } from './guest-load.ts';
import { hostFieldsOf } from './host.ts';
import { imagesAtLaunch, imagesNow } from './images.ts';
import { STATE } from './memory/guest-memory-layout.ts';
import { currentKiB } from './memory/guest-read.ts';
import { PAGE_KIB } from './memory/memory-config.ts';
import {
  bootedDevices,
  endDevices,
  launchDevices,
  phaseDevices,
  setDevicesRunning,
} from './running-devices/device-hooks.ts';
import { DOMAIN_STATE, type DomainState, type StateReason, stateNumbers } from './states.ts';

/** States in which the vCPUs make progress. */
function vcpusRun(state: DomainState): boolean {
  return state === DOMAIN_STATE.RUNNING || state === DOMAIN_STATE.NOSTATE || state === DOMAIN_STATE.SHUTDOWN;
}

/**
 * Brings a domain into a state, with what follows from it.
 *
 * Leaving SHUTOFF makes a new emulator process, entering it ends the process; the vCPUs and the boot run or
 * stand still as the state says. `wasUp`: the guest had been up long before the simulation began.
 */
export function enterState(core: Core, domain: Domain, name: StateReason, wasUp = false): void {
  touch(core, domain);
  const fields = fieldsOf(domain);
  const { state, reason } = stateNumbers(name);
  const wasActive = domain.isActive;
  if (state !== fields.state || reason !== fields.reason) noteChange(core, domain);
  fields.state = state;
  fields.reason = reason;
  if (!wasActive && domain.isActive) launch(core, domain, wasUp);
  if (wasActive && !domain.isActive) {
    stopBoot(core, domain);
    end(core, domain);
    fields.config = fields.nextConfig ?? fields.config;
    fields.nextConfig = undefined;
  }
  if (vcpusRun(state)) {
    runVcpus(core, domain);
    resumeBoot(core, domain);
  } else {
    haltVcpus(core, domain);
    pauseBoot(core, domain);
  }
  // Xen's blocked vCPUs only wait for something: the guest's time goes on.
  setDevicesRunning(core, domain, vcpusRun(state) || state === DOMAIN_STATE.BLOCKED);
}

function noteChange(core: Core, domain: Domain): void {
  fieldsOf(domain).stateSinceMs = core.clock.nowMs;
  hostFieldsOf(domain.host).guestsChangedMs = core.clock.nowMs;
}

/** A new emulator process: its counters begin at 0. */
function launch(core: Core, domain: Domain, wasUp: boolean): void {
  const fields = fieldsOf(domain);
  const { config, load } = fields;
  const { tick, tickMs } = core.ticker;
  launchLoad(load, config);
  if (wasUp) load.phase = 'up';
  fields.memoryFailures = 0;
  const settledAnonPages = Math.floor((programShare(load, tick, tickMs) * load.givenKiB) / PAGE_KIB);
  fields.images = imagesAtLaunch(domain.host, config, load, fields.images);
  fields.process = domain.host.engine.launch(config, load, core.clock.nowMs, {
    allocations: config.disks.map(({ target }) => fields.images.get(target) ?? 0),
    memory: { currentKiB: config.currentMemoryKiB, ...(wasUp ? { settledAnonPages } : {}) },
  });
  launchDevices(core, domain, vcpusRun(fields.state), wasUp);
}

/** The emulator process is gone, and its counters with it. */
function end(core: Core, domain: Domain): void {
  const fields = fieldsOf(domain);
  haltVcpus(core, domain);
  endDevices(core, domain);
  if (fields.process) {
    fields.images = imagesNow(fields.images, fields.process, core.clock.nowMs);
    domain.host.engine.end(fields.process);
    dropBlockJobs(domain);
  }
  fields.process = undefined;
}

/** The guest that came to a new host has the memory there that it had where it came from. */
export function handMemory(core: Core, from: Domain, to: Domain): void {
  const source = fieldsOf(from).process;
  const target = fieldsOf(to).process;
  if (!source?.ram || !target?.ram) return;
  const { part, guest } = source.ram;
  to.host.engine.rehouse(target, {
    currentKiB: currentKiB(source.machine, part, guest, core.clock.nowMs),
    settledAnonPages: source.machine.numbers[part.state + STATE.ANON]!,
  });
}

function runVcpus(core: Core, domain: Domain): void {
  const { process } = fieldsOf(domain);
  if (!process) return;
  domain.host.engine.run(process, core.ticker.rest());
  core.ticker.wake();
}

function haltVcpus(core: Core, domain: Domain): void {
  const { process } = fieldsOf(domain);
  if (process) domain.host.engine.halt(process, core.clock.nowMs);
}

function setPhase(core: Core, domain: Domain, phase: GuestPhase): void {
  const { process } = fieldsOf(domain);
  if (process) domain.host.engine.setPhase(process, phase, core.ticker.rest());
}

/** Lets the guest's system begin something else: a boot takes its time, and goes on only while vCPUs run. */
export function enterPhase(core: Core, domain: Domain, phase: GuestPhase): void {
  touch(core, domain);
  const fields = fieldsOf(domain);
  if (phase === 'closing' && domain.isBooting) return;
  stopBoot(core, domain);
  setPhase(core, domain, phase);
  const drawnMs = phase === 'booting' ? drawDurationMs(core, domain, 'boot') : 0;
  const bootMs = phaseDevices(core, domain, phase, drawnMs);
  if (phase !== 'booting') return;
  fields.boots++;
  fields.bootLeftMs = bootMs;
  if (vcpusRun(domain.state)) resumeBoot(core, domain);
}

/** ms until the guest has booted, while its vCPUs run; 0 when it has. */
export function bootLeftMs(core: Core, domain: Domain): number {
  const fields = fieldsOf(domain);
  return fields.bootTimer ? fields.bootTimer.atMs - core.clock.nowMs : fields.bootLeftMs;
}

function resumeBoot(core: Core, domain: Domain): void {
  const fields = fieldsOf(domain);
  if (fields.bootLeftMs === 0) return;
  const at = core.clock.nowMs + fields.bootLeftMs;
  fields.bootLeftMs = 0;
  fields.bootTimer = core.clock.schedule(at, () => {
    fields.bootTimer = undefined;
    const closing = domain.state === DOMAIN_STATE.SHUTDOWN;
    setPhase(core, domain, closing ? 'closing' : 'up');
    bootedDevices(core, domain);
  });
}

/** Makes a boot that goes on one that never ends. */
export function hangBoot(core: Core, domain: Domain): void {
  if (!domain.isBooting) return;
  stopBoot(core, domain);
  fieldsOf(domain).bootLeftMs = Number.POSITIVE_INFINITY;
  if (vcpusRun(domain.state)) resumeBoot(core, domain);
}

function pauseBoot(core: Core, domain: Domain): void {
  const fields = fieldsOf(domain);
  if (!fields.bootTimer) return;
  // At least 1 ms: a boot that would end at this very instant still has to end.
  fields.bootLeftMs = Math.max(1, fields.bootTimer.atMs - core.clock.nowMs);
  fields.bootTimer.cancel();
  fields.bootTimer = undefined;
}

function stopBoot(core: Core, domain: Domain): void {
  touch(core, domain);
  const fields = fieldsOf(domain);
  fields.bootTimer?.cancel();
  fields.bootTimer = undefined;
  fields.bootLeftMs = 0;
}
