import { nearest } from '../config/nearest.ts';
import type { AttachChange, DetachChange } from '../emulation/change.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { DomainConfig, NicConfig } from '../emulation/domain/domain-config.ts';
import { nicsLeft } from '../emulation/domain/hot-plug.ts';
import { nicTarget } from '../emulation/domain/nic-target.ts';
import { nicMac } from '../emulation/net/mac-address.ts';
import { conflict, notFound } from './problem.ts';

/** The definition with one device more. Throws a 409 for a disk whose target is taken, or a NIC whose address is. */
export function withDevice(definition: DomainConfig, device: AttachChange['device']): DomainConfig {
  if ('nic' in device) {
    const { mac } = device.nic;
    if (definition.nics.some((nic, i) => nicMac(definition.uuid, nic, i) === mac))
      throw conflict(`domain ${definition.name}: the address ${mac} is taken; a NIC needs one of its own`);
    return { ...definition, nics: [...definition.nics, device.nic] };
  }
  const { target } = device.disk;
  if (definition.disks.some((disk) => disk.target === target))
    throw conflict(`domain ${definition.name}: target ${target} is taken; a disk needs one of its own`);
  return { ...definition, disks: [...definition.disks, device.disk] };
}

/** A NIC that is to be plugged in, with an address that no other NIC of the guest has. */
export function addressed({ config, persistentConfig, uuid }: Domain, nic: NicConfig): NicConfig {
  if (nic.mac !== undefined) return nic;
  const taken = new Set(
    [config, persistentConfig].flatMap(({ nics }) => nics.map((each, i) => nicMac(uuid, each, i))),
  );
  let number = config.nics.length;
  while (taken.has(nicMac(uuid, nic, number))) number += 1;
  return { ...nic, mac: nicMac(uuid, nic, number) };
}

/** The definition with one device less. */
export function withoutDevice(definition: DomainConfig, device: DetachChange['device']): DomainConfig {
  if ('disk' in device)
    return { ...definition, disks: definition.disks.filter(({ target }) => target !== device.disk) };
  const places = definition.nics.flatMap((_, i) => (i === device.nic ? [] : [i]));
  return { ...definition, nics: nicsLeft(definition, places) };
}

/** The disk of this target. Throws a 404 with the nearest target. */
export function findDisk({ disks }: DomainConfig, target: string): { readonly disk: string } {
  if (disks.some((disk) => disk.target === target)) return { disk: target };
  const targets = disks.map((disk) => disk.target);
  throw notFound('disk', target, nearest(target, targets));
}

/** The place of the NIC of this address or of this name on the host. Throws a 404 with the nearest of them. */
export function findNic(domain: Domain, definition: DomainConfig, name: string): { readonly nic: number } {
  const macs = definition.nics.map((nic, i) => nicMac(domain.uuid, nic, i));
  const names = definition.nics.map((nic, i) => targetOf(domain, definition, i) ?? nic.target);
  const nic = macs.indexOf(name.toLowerCase());
  const place = nic < 0 ? names.indexOf(name) : nic;
  if (place >= 0) return { nic: place };
  const candidates = [...macs, ...names.filter((each) => each !== undefined)];
  throw notFound('interface', name, nearest(name, candidates));
}

/** The name of a NIC on the host; `undefined` for one that the running guest has not. */
export function targetOf(
  { config, process }: Domain,
  definition: DomainConfig,
  n: number,
): string | undefined {
  return process && definition === config ? nicTarget(process, n) : definition.nics[n]?.target;
}

/** The device of a definition that was described: a disk by its target, a NIC by its address or else all it says. */
export function findDevice(
  domain: Domain,
  definition: DomainConfig,
  described: AttachChange['device'],
): DetachChange['device'] {
  if ('disk' in described) return findDisk(definition, described.disk.target);
  const { nic } = described;
  if (nic.mac !== undefined) return findNic(domain, definition, nic.mac);
  const places = definition.nics.flatMap((each, i) =>
    each.type === nic.type &&
    (nic.source === undefined || nic.source === each.source) &&
    (nic.model === undefined || nic.model === each.model)
      ? [i]
      : [],
  );
  if (places.length === 1) return { nic: places[0]! };
  if (places.length === 0) throw notFound('interface like that of type', nic.type, undefined);
  throw conflict(
    `domain ${domain.name} has ${places.length} interfaces like that: say which by its <mac address=>`,
  );
}
