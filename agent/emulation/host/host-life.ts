import { VirtsnmpError } from '../../util/errors.ts';
import type { HostChange } from '../change.ts';
import { type Core, emitHost, together, touchHost } from '../core.ts';
import type { Plan } from '../domain/definitions.ts';
import type { Domain } from '../domain/domain.ts';
import { endWith, renewHostFaults } from '../fault/end-fault.ts';
import type { ActionName } from '../lifecycle/story.ts';
import { planAct } from '../lifecycle/story-runner.ts';
import { bootSoftware, erasePackage, installPackages, selectPackage } from '../platform/software.ts';
import { type Host, type HostFields, hostFieldsOf } from './host.ts';
import { planCable, planInterface, watchLinks } from './host-links.ts';

/** How long guests have to shut down before their host does (assumed: libvirt-guests' own limit is 300 s). */
const GUESTS_LIMIT_MS = 60_000;
/** From the host's last word to libvirt's first (assumed: firmware with memory test, kernel, services). */
const BOOT_MS = 90_000;

/** Plans {@link HostChange}. */
export function planHost(core: Core, { host, action }: HostChange): Plan {
  const { nowMs } = core.clock;
  const { software } = hostFieldsOf(host);
  if (action === 'reboot') {
    if (host.state !== 'up')
      throw new VirtsnmpError('OPERATION_INVALID', `host ${host.name} is going down or booting already`);
    return () => reboot(core, host);
  }
  if ('uplink' in action) return planCable(core, host, action);
  if ('interface' in action) return planInterface(core, host, action);
  if ('install' in action) {
    const outcome = installPackages(software, action.install, nowMs);
    return () => {
      change(core, host, { software: outcome.software });
      emitHost(core, host, 'IMAGE_INSTALLED');
      for (const warning of outcome.warnings) core.logger.warn(warning, { host: host.name });
    };
  }
  const next =
    'erase' in action ? erasePackage(software, action.erase, nowMs) : selectPackage(software, action.select);
  return () => {
    change(core, host, { software: next });
    if ('select' in action) emitHost(core, host, 'IMAGE_SELECTED');
  };
}

function change(core: Core, host: Host, changes: Partial<HostFields>): void {
  touchHost(core, host);
  Object.assign(hostFieldsOf(host), changes);
}

/** The guests are asked to go, as libvirt-guests does; then the host goes. */
function reboot(core: Core, host: Host): void {
  emitHost(core, host, 'STOPPING');
  together(core, 'host', () => {
    for (const domain of actives(host))
      if (!attempt(core, domain, 'shutdown')) attempt(core, domain, 'destroy');
  });
  const at = core.clock.nowMs + GUESTS_LIMIT_MS;
  change(core, host, {
    state: 'stopping',
    timer: core.clock.schedule(at, () => together(core, 'host', () => goDown(core, host, BOOT_MS))),
  });
}

/** The host goes down with what is left of its guests, and is up again after so many ms. */
function goDown(core: Core, host: Host, forMs: number): void {
  for (const domain of actives(host)) attempt(core, domain, 'destroy');
  hostFieldsOf(host).timer?.cancel();
  const at = core.clock.nowMs + forMs;
  change(core, host, { state: 'down', timer: core.clock.schedule(at, () => comeUp(core, host)) });
  const { nowMs, spanMs } = core.ticker.rest();
  host.engine.host.powerOff(nowMs, spanMs);
  watchLinks(core, host);
  emitHost(core, host, 'DOWN');
}

/** The host loses its power for so many ms, its guests with it; then it boots. */
export function powerLoss(core: Core, host: Host, forMs: number): void {
  touchHost(core, host);
  goDown(core, host, forMs + BOOT_MS);
}

/** What was selected runs; what the host's kernel counts begins at 0, and guests with autostart start. */
function comeUp(core: Core, host: Host): void {
  const { nowMs } = core.clock;
  touchHost(core, host);
  host.engine.reboot(nowMs);
  const { software } = hostFieldsOf(host);
  change(core, host, {
    state: 'up',
    timer: undefined,
    bootedMs: nowMs,
    boots: host.boots + 1,
    software: bootSoftware(software),
  });
  together(core, 'host', () => {
    renewHostFaults(core, host);
    emitHost(core, host, 'UP');
    endWith(core, host, 'up');
    for (const domain of [...host.domains])
      if (domain.isPersistent && domain.persistentConfig.autostart) attempt(core, domain, 'start');
  });
}

function actives(host: Host): Domain[] {
  return [...host.domains].filter(({ isActive }) => isActive);
}

/** Whether the life cycle took the action; what it refuses does not happen. */
function attempt(core: Core, domain: Domain, action: ActionName): boolean {
  let plan: Plan;
  try {
    plan = planAct(core, { op: 'act', domain, action });
  } catch (thrown) {
    if (!(thrown instanceof VirtsnmpError)) throw thrown;
    return false;
  }
  plan();
  return true;
}
