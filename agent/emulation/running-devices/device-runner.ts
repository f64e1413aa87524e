import { VirtsnmpError } from '../../util/errors.ts';
import { printKernel } from '../console/console.ts';
import { because, type Core, emitRaised } from '../core.ts';
import { advanceKernel, kernelUp } from '../debug/guest-kernel.ts';
import { checkMachine, injectNmi, setKernelPaused } from '../debug/nmi.ts';
import type { Consequence, Outcome } from '../devices/consequence.ts';
import { advanceAgent, agentConnects } from '../devices/guest-agent.ts';
import {
  type DevicesOutcome,
  type GuestDevices,
  guestMsOf,
  haltedDevices,
} from '../devices/guest-devices.ts';
import { advanceQxl } from '../display/qxl.ts';
import { type Domain, fieldsOf } from '../domain/domain.ts';
import { enterPhase } from '../guest/guest.ts';
import type { ActionName } from '../lifecycle/story.ts';
import { planAct } from '../lifecycle/story-runner.ts';
import { advanceWatchdog } from '../watchdog/watchdog.ts';
import { putDevices } from './device-hooks.ts';

/** Something that happens to devices at a guest's time: the next record with what follows from it. */
export type DeviceStep = (devices: GuestDevices, ms: number) => DevicesOutcome;

/** Lets something happen to a domain's devices, and does what follows from it, in order. */
export function changeDevices(core: Core, domain: Domain, step: DeviceStep): void {
  const { devices } = fieldsOf(domain);
  if (!devices) return;
  const outcome = step(devices, guestMsOf(devices, core.clock.nowMs));
  putDevices(core, domain, outcome.devices);
  for (const each of outcome.consequences) follow(core, domain, each);
}

/** Puts one device's outcome into the record of all. */
export function withOutcome<K extends 'kernel' | 'watchdog' | 'agent' | 'rtc'>(
  devices: GuestDevices,
  key: K,
  { record, consequences }: Outcome<NonNullable<GuestDevices[K]>>,
): DevicesOutcome {
  return { devices: { ...devices, [key]: record }, consequences };
}

/** Does what is due by now in the devices of a domain: its timer has run. */
export function advanceDevices(core: Core, domain: Domain): void {
  core.outbox.hold();
  try {
    because(core, 'guest', () => {
      for (const step of DUE) changeDevices(core, domain, step);
    });
  } finally {
    core.outbox.release();
  }
}

const same = (devices: GuestDevices): DevicesOutcome => ({ devices, consequences: [] });

/** In the order in which they take effect when several are due at one instant. */
const DUE: readonly DeviceStep[] = [
  (devices, ms) => {
    const { kernel, kernelDueMs } = devices;
    if (!kernel || kernelDueMs === undefined || kernelDueMs > ms) return same(devices);
    return same({ ...devices, kernel: kernelUp(kernel, kernelDueMs), kernelDueMs: undefined });
  },
  (devices, ms) => {
    const { kernel, clock } = devices;
    if (!kernel?.paused || !clock.running) return same(devices);
    return withOutcome(devices, 'kernel', setKernelPaused(kernel, ms, false));
  },
  (devices, ms) => {
    const { kernel } = devices;
    return kernel ? withOutcome(devices, 'kernel', advanceKernel(kernel, ms)) : same(devices);
  },
  (devices, ms) => {
    const { watchdog } = devices;
    return watchdog ? withOutcome(devices, 'watchdog', advanceWatchdog(watchdog, ms)) : same(devices);
  },
  (devices, ms) => {
    const { agent, arrived, plan, clock } = devices;
    if (!agent) return same(devices);
    if (!arrived || !clock.running) return withOutcome(devices, 'agent', advanceAgent(agent, ms, plan.host));
    return withOutcome({ ...devices, arrived: false }, 'agent', agentConnects(agent, ms, plan.host, true));
  },
  (devices, ms) => {
    const { display } = devices;
    if (!display) return same(devices);
    const { record, consequences } = advanceQxl(display.qxl, ms);
    return { devices: { ...devices, display: { ...display, qxl: record } }, consequences };
  },
];

function follow(core: Core, domain: Domain, consequence: Consequence): void {
  switch (consequence.kind) {
    case 'act':
      return attempt(core, domain, consequence.action);
    case 'event':
      if (consequence.event.event === 'MEMORY_FAILURE') fieldsOf(domain).memoryFailures++;
      return emitRaised(core, domain, consequence.event);
    case 'print':
      return changeDevices(core, domain, (devices, ms) => {
        const { console } = devices;
        return same(console ? { ...devices, console: printKernel(console, ms, consequence.text) } : devices);
      });
    case 'kernel-halt':
      return halt(core, domain);
    case 'machine-check':
      return changeDevices(core, domain, (devices, ms) =>
        devices.kernel
          ? withOutcome(devices, 'kernel', checkMachine(devices.kernel, ms, consequence.text))
          : same(devices),
      );
    case 'nmi':
      return changeDevices(core, domain, (devices, ms) =>
        devices.kernel ? withOutcome(devices, 'kernel', injectNmi(devices.kernel, ms)) : same(devices),
      );
    case 'processes-end':
      core.logger.debug('a guest kernel ended processes', {
        domain: domain.name,
        signal: consequence.signal,
        which: consequence.which,
      });
  }
}

/** A kernel that has stopped does nothing any more; one that writes a dump is busy with that. */
function halt(core: Core, domain: Domain): void {
  const { devices } = fieldsOf(domain);
  const dumping = devices?.kernel?.state === 'dumping';
  changeDevices(core, domain, (before, ms) => same(haltedDevices(before, ms)));
  enterPhase(core, domain, dumping && !domain.isBooting ? 'closing' : 'off');
}

/** As if it had been asked for; what the life cycle refuses now does not happen. */
function attempt(core: Core, domain: Domain, action: ActionName): void {
  let plan: () => void;
  try {
    plan = planAct(core, { op: 'act', domain, action });
  } catch (thrown) {
    if (!(thrown instanceof VirtsnmpError)) throw thrown;
    core.logger.debug('a device asked for a change that is not possible now', {
      domain: domain.name,
      action,
      why: thrown.message,
    });
    return;
  }
  plan();
}
