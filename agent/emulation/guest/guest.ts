import { type Core, drawDurationMs, touch } from '../core.ts';
import { dropBlockJobs } from '../domain/block-jobs.ts';
import { type Domain, fieldsOf } from '../domain/domain.ts';
import { completeUnplug, forgetUnplug } from '../domain/hot-plug.ts';
import { imagesAtLaunch, imagesNow } from '../domain/images.ts';
import { endWith } from '../fault/end-fault.ts';
import { hostFieldsOf } from '../host/host.ts';
import { STATE } from '../memory/guest-memory-layout.ts';
import { currentKiB } from '../memory/guest-read.ts';
import { PAGE_KIB } from '../memory/memory-config.ts';
import {
  endDevices,
  launchDevices,
  phaseDevices,
  setDevicesRunning,
} from '../running-devices/device-hooks.ts';
import { DOMAIN_STATE, type StateReason, stateNumbers } from '../states.ts';
import { setPhase, stopBoot, vcpusRun, watchBoot } from './guest-boot.ts';
import { type GuestPhase, launchLoad, programShare } from './guest-load.ts';
import { applyTrouble } from './guest-trouble.ts';

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
  if (vcpusRun(state)) runVcpus(core, domain);
  else haltVcpus(core, domain);
  // Xen's blocked vCPUs only wait for something: the guest's time goes on.
  setDevicesRunning(core, domain, vcpusRun(state) || state === DOMAIN_STATE.BLOCKED);
  watchBoot(core, domain);
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
  const faults = core.faults.of(domain);
  if (faults.length > 0) applyTrouble(fields.process, faults, config);
  launchDevices(core, domain, vcpusRun(fields.state), wasUp);
}

/** The emulator process is gone, and its counters with it. */
function end(core: Core, domain: Domain): void {
  const fields = fieldsOf(domain);
  haltVcpus(core, domain);
  endDevices(core, domain);
  endWith(core, domain, 'boot');
  endWith(core, domain, 'process');
  fields.frozen = undefined;
  forgetUnplug(core, domain);
  if (fields.process) {
    fields.images = imagesNow(fields.images, fields.process, core.clock.nowMs);
    domain.host.engine.end(fields.process);
    dropBlockJobs(domain);
  }
  fields.process = undefined;
}

/** Whether a domain has been started for whose memory its host has no room: it cannot go on. */
export function lacksMemory(domain: Domain): boolean {
  const { process } = fieldsOf(domain);
  return process !== undefined && !process.ram && process.container?.housed !== true;
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

/** Lets the guest's system begin something else: a boot takes its time, and goes on only while vCPUs run. */
export function enterPhase(core: Core, domain: Domain, phase: GuestPhase): void {
  touch(core, domain);
  const fields = fieldsOf(domain);
  if (phase === 'closing' && domain.isBooting) return;
  stopBoot(core, domain);
  if (phase === 'booting') {
    endWith(core, domain, 'boot');
    completeUnplug(core, domain);
  }
  setPhase(core, domain, phase);
  const drawnMs = phase === 'booting' ? drawDurationMs(core, domain, 'boot') : 0;
  phaseDevices(core, domain, phase, drawnMs);
  if (phase !== 'booting') return;
  fields.boots++;
  fields.booting = true;
  watchBoot(core, domain);
}
