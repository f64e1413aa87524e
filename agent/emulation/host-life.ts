import { VirtsnmpError } from '../util/errors.ts';
import type { HostChange } from './change.ts';
import { type Core, touchHost } from './core.ts';
import type { Plan } from './definitions.ts';
import type { Domain } from './domain.ts';
import { type Host, type HostFields, hostFieldsOf } from './host.ts';
import { bootImage, installImage, selectImage } from './platform/software-images.ts';
import type { ActionName } from './story.ts';
import { planAct } from './story-runner.ts';

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
  const next =
    'install' in action
      ? installImage(software, action.install, nowMs)
      : selectImage(software, action.select);
  return () => change(core, host, { software: next });
}

function change(core: Core, host: Host, changes: Partial<HostFields>): void {
  touchHost(core, host);
  Object.assign(hostFieldsOf(host), changes);
}

/** The guests are asked to go, as libvirt-guests does; then the host goes. */
function reboot(core: Core, host: Host): void {
  for (const domain of actives(host))
    if (!attempt(core, domain, 'shutdown')) attempt(core, domain, 'destroy');
  const at = core.clock.nowMs + GUESTS_LIMIT_MS;
  change(core, host, { state: 'stopping', timer: core.clock.schedule(at, () => goDown(core, host)) });
}

function goDown(core: Core, host: Host): void {
  together(core, () => {
    for (const domain of actives(host)) attempt(core, domain, 'destroy');
  });
  const at = core.clock.nowMs + BOOT_MS;
  change(core, host, { state: 'down', timer: core.clock.schedule(at, () => comeUp(core, host)) });
}

/** The selected image runs; what the host's kernel counts begins at 0, and guests with autostart start. */
function comeUp(core: Core, host: Host): void {
  const { nowMs } = core.clock;
  host.engine.reboot(nowMs);
  const { software } = hostFieldsOf(host);
  change(core, host, {
    state: 'up',
    timer: undefined,
    bootedMs: nowMs,
    boots: host.boots + 1,
    software: bootImage(software),
  });
  together(core, () => {
    for (const domain of [...host.domains])
      if (domain.isPersistent && domain.persistentConfig.autostart) attempt(core, domain, 'start');
  });
}

function actives(host: Host): Domain[] {
  return [...host.domains].filter(({ isActive }) => isActive);
}

function together(core: Core, action: () => void): void {
  core.outbox.hold();
  try {
    action();
  } finally {
    core.outbox.release();
  }
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
