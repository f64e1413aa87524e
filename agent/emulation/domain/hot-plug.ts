import { VirtsnmpError } from '../../util/errors.ts';
import type { AttachChange, DetachChange } from '../change.ts';
import { because, type Core, drawDurationMs, emitRaised, touch } from '../core.ts';
import { applyTrouble } from '../guest/guest-trouble.ts';
import { nicMac } from '../net/mac-address.ts';
import type { EmulatorProcess } from '../process/emulator-process.ts';
import { isContainer, isDrive } from '../process/process-config.ts';
import { KEEP, type ProcessParts } from '../process/process-maker.ts';
import { settleGuest } from '../tick/guest-tick.ts';
import { checkDefinition } from './definition-check.ts';
import { type Plan, refuseGone, refuseHung } from './definitions.ts';
import { type Domain, fieldsOf } from './domain.ts';
import type { DomainConfig, NicConfig } from './domain-config.ts';
import { imagesAtLaunch, imagesNow } from './images.ts';

/** Devices of a domain that hot-plug is about. */
type Devices = Pick<DomainConfig, 'nics' | 'disks'>;

/** Plans {@link AttachChange}: at once while the domain is active, otherwise in its definition. */
export function planAttach(core: Core, change: AttachChange): Plan {
  const { domain, device } = change;
  refuseGone(domain);
  refuseHung(domain, 'a device');
  const { config } = domain;
  if ('disk' in device && config.disks.some(({ target }) => target === device.disk.target))
    refuse(domain, `target ${device.disk.target} is taken; a disk needs one of its own`);
  const wanted: DomainConfig = Object.freeze({
    ...config,
    ...('nic' in device ? { nics: [...config.nics, device.nic] } : { disks: [...config.disks, device.disk] }),
  });
  checkDefinition(wanted, domain.host);
  return () => {
    if (!domain.isActive) return define(core, domain, wanted);
    const parts = { nics: config.nics.map((_, i) => i), disks: config.disks.map((_, i) => i) };
    reshape(core, domain, wanted, {
      nics: 'nic' in device ? [...parts.nics, KEEP.none] : parts.nics,
      disks: 'disk' in device ? [...parts.disks, KEEP.none] : parts.disks,
    });
    const { nics, disks } = fieldsOf(domain).process!;
    const alias = 'nic' in device ? nics.at(-1)!.alias : disks.at(-1)!.plan.spec.alias;
    emitRaised(core, domain, { event: 'DEVICE_ADDED', alias });
  };
}

/**
 * Plans {@link DetachChange}.
 *
 * The guest of an active domain is asked, and answers in its time: it lets the device go, or keeps it. One whose
 * kernel does not run answers nothing, and the device goes with its next boot. A container is not asked.
 */
export function planDetach(core: Core, change: DetachChange): Plan {
  const { domain } = change;
  refuseGone(domain);
  refuseHung(domain, 'a device');
  const device = deviceOf(domain, change);
  const { process } = fieldsOf(domain);
  if (!process) return () => define(core, domain, { ...domain.config, ...device.rest });
  if (device.disk !== undefined && fieldsOf(domain).blockJobs.has(device.disk))
    refuse(domain, `disk ${device.disk} has a block job; end it first`);
  if (fieldsOf(domain).unplug) refuse(domain, 'another device is about to go; wait until it has');
  const alias =
    device.nic === undefined ? aliasOfDisk(process, device.disk!) : process.nics[device.nic]!.alias;
  return () => {
    if (isContainer(domain.config)) return remove(core, domain, alias);
    touch(core, domain);
    const asked = answers(domain);
    const atMs = core.clock.nowMs + drawDurationMs(core, domain, 'unplug');
    const timer = asked ? core.clock.schedule(atMs, () => answer(core, domain, alias)) : undefined;
    fieldsOf(domain).unplug = { alias, timer };
  };
}

/** The guest begins to boot: its firmware finds no device that was asked for before. */
export function completeUnplug(core: Core, domain: Domain): void {
  const { unplug } = fieldsOf(domain);
  if (!unplug) return;
  forgetUnplug(core, domain);
  remove(core, domain, unplug.alias);
}

/** Nobody waits any more for a device to go. */
export function forgetUnplug(core: Core, domain: Domain): void {
  const fields = fieldsOf(domain);
  if (!fields.unplug) return;
  touch(core, domain);
  fields.unplug.timer?.cancel();
  fields.unplug = undefined;
}

/** Whether the guest's kernel does what it is asked. */
function answers(domain: Domain): boolean {
  const { devices } = fieldsOf(domain);
  return devices?.kernel?.state === 'running' && devices.clock.running;
}

/** What the guest does about the device that is to go. */
function answer(core: Core, domain: Domain, alias: string): void {
  const fields = fieldsOf(domain);
  // A kernel that has stopped since, or a guest that sleeps, does not answer before its next boot.
  if (!answers(domain)) {
    fields.unplug = { alias, timer: undefined };
    return;
  }
  core.outbox.hold();
  try {
    because(core, 'guest', () => {
      forgetUnplug(core, domain);
      if (domain.config.guest?.keepsDevices)
        emitRaised(core, domain, { event: 'DEVICE_REMOVAL_FAILED', alias });
      else remove(core, domain, alias);
    });
  } finally {
    core.outbox.release();
  }
}

function remove(core: Core, domain: Domain, alias: string): void {
  const { process } = fieldsOf(domain);
  if (!process) return;
  const { config } = domain;
  const keep = (aliases: readonly string[]): number[] =>
    aliases.flatMap((each, i) => (each === alias ? [] : [i]));
  const parts = {
    nics: keep(process.nics.map((nic) => nic.alias)),
    disks: keep(process.disks.map(({ plan }) => plan.spec.alias)),
  };
  const left: DomainConfig = Object.freeze({
    ...config,
    nics: nicsLeft(config, parts.nics),
    disks: parts.disks.map((i) => config.disks[i]!),
  });
  reshape(core, domain, left, parts);
  emitRaised(core, domain, { event: 'DEVICE_REMOVED', alias });
}

/** The process goes on with other devices; what is counted for those that stay goes on as well. */
function reshape(core: Core, domain: Domain, config: DomainConfig, parts: ProcessParts): void {
  touch(core, domain);
  const fields = fieldsOf(domain);
  const process = fields.process!;
  const { engine } = domain.host;
  const { nowMs } = core.clock;
  if (fields.persistent) fields.nextConfig ??= fields.config;
  fields.config = config;
  const ran = process.place >= 0;
  if (ran) engine.halt(process, nowMs);
  else settleGuest(process, nowMs);
  fields.images = imagesAtLaunch(domain.host, config, fields.load, imagesNow(fields.images, process, nowMs));
  const allocations = config.disks.map((disk) => (isDrive(disk) ? (fields.images.get(disk.target) ?? 0) : 0));
  const next = engine.reshape(process, config, parts, allocations, nowMs);
  fields.process = next;
  applyTrouble(next, core.faults.of(domain), config);
  if (ran) engine.run(next, core.ticker.rest());
}

/** The NICs of these places; one that moves up keeps the address that its place gave it. */
export function nicsLeft({ uuid, nics }: DomainConfig, places: readonly number[]): readonly NicConfig[] {
  return places.map((place, i) => {
    const nic = nics[place]!;
    return place === i ? nic : { ...nic, mac: nicMac(uuid, nic, place) };
  });
}

function define(core: Core, domain: Domain, config: DomainConfig): void {
  touch(core, domain);
  fieldsOf(domain).config = Object.freeze(config);
}

/** The device that a change names, and the others. Throws OPERATION_INVALID. */
function deviceOf(
  domain: Domain,
  { device }: DetachChange,
): { readonly nic?: number; readonly disk?: string; readonly rest: Devices } {
  const { nics, disks } = domain.config;
  if ('nic' in device) {
    const { nic } = device;
    if (!nics[nic]) refuse(domain, `it has no NIC ${nic}; it has ${nics.length}`);
    const left = nics.flatMap((_, i) => (i === nic ? [] : [i]));
    return { nic, rest: { nics: nicsLeft(domain.config, left), disks } };
  }
  const { disk } = device;
  const found = disks.find(({ target }) => target === disk);
  if (!found)
    refuse(
      domain,
      `it has no disk ${disk}; it has ${disks.map(({ target }) => target).join(', ') || 'none'}`,
    );
  if (domain.isActive && (!isDrive(found) || (found.bus ?? 'ide') === 'ide'))
    refuse(domain, `disk ${disk} is a ${found.device} on ${found.bus ?? 'ide'}, which cannot be unplugged`);
  return { disk, rest: { nics, disks: disks.filter(({ target }) => target !== disk) } };
}

function aliasOfDisk({ disks }: EmulatorProcess, target: string): string {
  return disks.find(({ config }) => config.target === target)!.plan.spec.alias;
}

function refuse(domain: Domain, why: string): never {
  throw new VirtsnmpError('OPERATION_INVALID', `domain ${domain.name}: ${why}`);
}
