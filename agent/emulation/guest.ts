import { type Core, drawDurationMs, touch } from './core.ts';
import { type Domain, fieldsOf } from './domain.ts';
import { type GuestPhase, launchLoad } from './guest-load.ts';
import { DOMAIN_STATE, type DomainState, type StateReason, stateNumbers } from './states.ts';

/** States in which the vCPUs make progress. */
function vcpusRun(state: DomainState): boolean {
  return state === DOMAIN_STATE.RUNNING || state === DOMAIN_STATE.NOSTATE || state === DOMAIN_STATE.SHUTDOWN;
}

/**
 * Brings a domain into a state, with what follows from it.
 *
 * Leaving SHUTOFF makes a new emulator process, entering it ends the process; the vCPUs and the boot run or
 * stand still as the state says.
 */
export function enterState(core: Core, domain: Domain, name: StateReason): void {
  touch(core, domain);
  const fields = fieldsOf(domain);
  const { state, reason } = stateNumbers(name);
  const wasActive = domain.isActive;
  fields.state = state;
  fields.reason = reason;
  if (!wasActive && domain.isActive) launch(core, domain);
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
}

/** A new emulator process: its counters begin at 0. */
function launch(core: Core, domain: Domain): void {
  const fields = fieldsOf(domain);
  launchLoad(fields.load, fields.config, core.ticker.tick, core.ticker.tickMs);
  fields.process = domain.host.engine.launch(fields.config, fields.load, core.clock.nowMs);
}

/** The emulator process is gone, and its counters with it. */
function end(core: Core, domain: Domain): void {
  const fields = fieldsOf(domain);
  haltVcpus(core, domain);
  fields.process = undefined;
  fields.load.memoryKiB = 0;
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
  if (phase !== 'booting') return;
  fields.bootLeftMs = drawDurationMs(core, domain, 'boot');
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
    setPhase(core, domain, domain.state === DOMAIN_STATE.SHUTDOWN ? 'closing' : 'up');
  });
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
