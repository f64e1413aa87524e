import { VirtsnmpError } from '../../util/errors.ts';
import type { DefineChange, PopulateChange, RenameChange, UndefineChange, UpdateChange } from '../change.ts';
import { type Core, emit, touch, touchHost } from '../core.ts';
import { endAllOf } from '../fault/end-fault.ts';
import { enterPhase, enterState, lacksMemory } from '../guest/guest.ts';
import { createLoad, loadKey } from '../guest/guest-load.ts';
import { type Host, hostFieldsOf } from '../host/host.ts';
import { planBlockJob } from './block-jobs.ts';
import { checkDefinition } from './definition-check.ts';
import { Domain, fieldsOf } from './domain.ts';
import type { DiskConfig, DomainConfig } from './domain-config.ts';

/** What a change will do; everything that can go wrong has been checked before. */
export type Plan = () => void;

/** Puts a new domain on its host, shut off. */
export function addDomain(core: Core, host: Host, config: DomainConfig, persistent: boolean): Domain {
  const load = createLoad(loadKey(core.seed, host.name, config.uuid));
  const domain = new Domain(host, config, persistent, load, core.clock);
  touchHost(core, host);
  core.touched.domains.add(domain);
  host.domains.add(domain);
  hostFieldsOf(host).guestsChangedMs = core.clock.nowMs;
  core.undo?.add(() => {
    const fields = fieldsOf(domain);
    fields.pending?.timer?.cancel();
    fields.bootTimer?.cancel();
    fields.deviceTimer?.cancel();
    fields.blockJobTimer?.cancel();
    fields.unplug?.timer?.cancel();
    host.domains.remove(domain);
  });
  return domain;
}

/** Takes a shut-off domain from its host for good. */
export function removeDomain(core: Core, domain: Domain): void {
  touch(core, domain);
  endAllOf(core, domain);
  domain.host.domains.remove(domain);
  hostFieldsOf(domain.host).guestsChangedMs = core.clock.nowMs;
  core.undo?.add(() => domain.host.domains.add(domain));
}

/** Refuses a definition whose UUID or name is taken on the host. */
function refuseTaken(host: Host, config: DomainConfig, names: Set<string>, uuids: Set<string>): void {
  if (uuids.has(config.uuid) || host.domains.byUuid(config.uuid)) {
    throw new VirtsnmpError(
      'DUPLICATE',
      `domain ${config.name}: UUID ${config.uuid} is taken on host ${host.name}; each domain needs its own`,
    );
  }
  if (names.has(config.name) || host.domains.byName(config.name)) {
    throw new VirtsnmpError(
      'DUPLICATE',
      `domain ${config.name}: the name is taken on host ${host.name}; each domain needs its own`,
    );
  }
}

/** Plans {@link PopulateChange}: all of the domains or none. */
export function planPopulate(core: Core, change: PopulateChange): Plan {
  const names = new Set<string>();
  const uuids = new Set<string>();
  for (const config of change.configs) {
    refuseTaken(change.host, config, names, uuids);
    checkDefinition(config, change.host);
    names.add(config.name);
    uuids.add(config.uuid);
  }
  // In the order in which tables are walked, so that neighbours in a walk are neighbours in memory.
  const ordered = change.configs.toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1));
  return () => {
    // All that run are planned anew, so that all have to be put back when this is undone.
    touchHost(core, change.host);
    for (const domain of change.host.domains) touch(core, domain);
    const { engine } = change.host;
    const configs = [...ordered, ...[...change.host.domains].map((domain) => domain.config)];
    engine.fit(configs, core.clock.nowMs);
    engine.together(() => {
      for (const config of ordered) populateOne(core, change.host, config);
    }, core.ticker.rest());
  };
}

function populateOne(core: Core, host: Host, config: DomainConfig): void {
  const domain = addDomain(core, host, config, true);
  if (config.initialState === 'shutoff') return;
  const why = host.config.grows
    ? undefined
    : host.engine.maker.refusal(config, { currentKiB: config.currentMemoryKiB });
  if (why !== undefined) {
    core.logger.warn(`domain ${config.name} stays shut off: ${why}`);
    return;
  }
  enterState(core, domain, config.initialState === 'paused' ? 'PAUSED/USER' : 'RUNNING/BOOTED', true);
  if (lacksMemory(domain)) {
    core.logger.warn(`domain ${config.name} stays shut off: host ${host.name} has no memory left for it`);
    enterState(core, domain, 'SHUTOFF/FAILED');
    return;
  }
  enterPhase(core, domain, 'up');
  // Before the simulation began, as it is up.
  fieldsOf(domain).boots = 1;
  for (const { target, job } of config.disks)
    if (job) planBlockJob(core, { op: 'block-job', domain, disk: target, action: startOf(job) })();
}

function startOf({ type, bandwidth }: NonNullable<DiskConfig['job']>) {
  return { start: type, bandwidth };
}

/** Plans {@link DefineChange}. */
export function planDefine(core: Core, change: DefineChange): Plan {
  const { host, config } = change;
  const present = host.domains.byUuid(config.uuid);
  if (present && present.name === config.name)
    return planUpdate(core, { op: 'update', domain: present, config });
  refuseTaken(host, config, new Set(), new Set());
  checkDefinition(config, host);
  return () => emit(core, addDomain(core, host, config, true), 'DEFINED/ADDED');
}

/** Plans {@link UpdateChange}: name and UUID must stay; an active domain keeps what it runs with. */
export function planUpdate(core: Core, change: UpdateChange): Plan {
  const { domain, config, silent = false } = change;
  refuseGone(domain);
  if (silent) refuseTransient(domain, 'to change');
  if (config.uuid !== domain.uuid || config.name !== domain.name) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `domain ${domain.name}: an update cannot change the name or UUID; rename it, or define another`,
    );
  }
  checkDefinition(config, domain.host);
  return () => {
    touch(core, domain);
    const fields = fieldsOf(domain);
    const known = fields.persistent;
    fields.persistent = true;
    if (domain.isActive) fields.nextConfig = config;
    else fields.config = config;
    if (!silent) emit(core, domain, known ? 'DEFINED/UPDATED' : 'DEFINED/ADDED');
  };
}

/** Plans {@link UndefineChange}. */
export function planUndefine(core: Core, change: UndefineChange): Plan {
  const { domain } = change;
  refuseGone(domain);
  refuseTransient(domain, 'to undefine');
  if (fieldsOf(domain).image === 'managed') {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `domain ${domain.name} has a managed save image: start it or remove the image first`,
    );
  }
  return () => {
    touch(core, domain);
    fieldsOf(domain).persistent = false;
    fieldsOf(domain).nextConfig = undefined;
    if (!domain.isActive) removeDomain(core, domain);
    emit(core, domain, 'UNDEFINED/REMOVED');
  };
}

/** Plans {@link RenameChange}: the old name goes, then the new one comes. */
export function planRename(core: Core, change: RenameChange): Plan {
  const { domain, name } = change;
  const { host } = domain;
  refuseGone(domain);
  if (domain.isActive) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `domain ${domain.name} is active: only one that is shut off can be renamed`,
    );
  }
  if (name === '' || name.includes('/') || name.includes('\n')) {
    throw new VirtsnmpError(
      'DOMAIN_INVALID',
      `domain ${domain.name}: ${JSON.stringify(name)} is no name; it needs one character at least, without / and newline`,
    );
  }
  if (host.domains.byName(name)) {
    throw new VirtsnmpError(
      'DUPLICATE',
      `domain ${domain.name}: the name ${name} is taken on host ${host.name}`,
    );
  }
  return () => {
    touch(core, domain);
    const fields = fieldsOf(domain);
    const oldName = domain.name;
    emit(core, domain, 'UNDEFINED/RENAMED');
    fields.config = Object.freeze({ ...fields.config, name });
    host.domains.renamed(domain, oldName, name);
    core.undo?.add(() => host.domains.renamed(domain, name, oldName));
    emit(core, domain, 'DEFINED/RENAMED');
  };
}

/** Refuses what libvirt would ask the emulator for while its monitor does not answer. */
export function refuseHung(domain: Domain, what: string): void {
  if (!domain.isMonitorHung) return;
  throw new VirtsnmpError(
    'OPERATION_INVALID',
    `domain ${domain.name}: ${what} is not possible while its monitor does not answer; wait, or destroy it`,
  );
}

/** Refuses what needs a definition of a domain that has none. */
function refuseTransient(domain: Domain, what: string): void {
  if (domain.isPersistent) return;
  throw new VirtsnmpError(
    'OPERATION_INVALID',
    `domain ${domain.name} is transient: there is no definition ${what}`,
  );
}

/** Refuses what is not on its host any more. */
export function refuseGone(domain: Domain): void {
  if (domain.host.domains.byUuid(domain.uuid) === domain) return;
  throw new VirtsnmpError(
    'OPERATION_INVALID',
    `domain ${domain.name} is not defined on host ${domain.host.name} any more`,
  );
}
