import { isDeepStrictEqual } from 'node:util';
import type { Domain } from '../../domain/domain.ts';
import type { DiskConfig, DomainConfig, NicConfig } from '../../domain/domain-config.ts';
import { nicTarget } from '../../domain/nic-target.ts';
import { nicMac } from '../../net/mac-address.ts';
import { parseDomainXml } from './parse-domain.ts';
import { writeDomainXml } from './write-domain.ts';

/** Where libvirt keeps images of its default pool. */
const IMAGES = '/var/lib/libvirt/images';

/**
 * A definition with what every one of libvirt's has and a short one leaves out: the addresses of NICs, and what is
 * behind a disk.
 */
export function completed(config: DomainConfig): DomainConfig {
  return {
    ...config,
    nics: config.nics.map((nic, i) => ({ ...nic, mac: nicMac(config.uuid, nic, i) })),
    disks: config.disks.map((disk) => backed(disk, config)),
  };
}

/** Drives that may be empty have nothing behind them. */
function backed(disk: DiskConfig, { name }: DomainConfig): DiskConfig {
  const { device, source, type, target, format } = disk;
  if (source !== undefined || device === 'cdrom' || device === 'floppy') return disk;
  const image = `${name}-${target}`;
  const sources: Readonly<Record<string, string>> = {
    file: `${IMAGES}/${image}.${format === undefined || format === 'qcow2' ? 'qcow2' : 'img'}`,
    block: `/dev/mapper/${image}`,
    network: `rbd:libvirt/${image}`,
    volume: `${disk.pool ?? 'default'}/${image}`,
  };
  return { ...disk, source: sources[type] ?? `${IMAGES}/${image}` };
}

/** The XML of a domain's definition: the one that it runs with, or the one that its next start takes. */
export function domainXml(domain: Domain, inactive: boolean): string {
  const { process, config } = domain;
  if (inactive || !process) return writeDomainXml(completed(domain.persistentConfig));
  const nics = config.nics.map((nic, i) => ({ ...nic, target: nicTarget(process, i) }));
  return writeDomainXml(completed({ ...config, nics }), {
    id: process.number,
    nics: process.nics.map(({ alias }) => alias),
    disks: process.disks.map(({ plan }) => plan.spec.alias),
  });
}

/**
 * A definition that somebody made from the XML of another one: what was changed in it, and of the rest what the
 * other says, whether XML can say it or not.
 */
export function edited(known: DomainConfig, text: string, file: string): DomainConfig {
  const wanted = parseDomainXml(text, file);
  const said = parseDomainXml(writeDomainXml(completed(known)), 'definition');
  return Object.freeze({
    ...merged(said, known, wanted),
    nics: mergedNics(said.nics, known.nics, wanted.nics),
    disks: mergedList(said.disks, known.disks, wanted.disks, ({ target }) => target),
  });
}

/** What `wanted` changes of `said`, put into `known`: key by key where all three are objects. */
function merged<T extends object>(said: T, known: T, wanted: T): T {
  const keys = new Set([...Object.keys(known), ...Object.keys(wanted)]) as Set<keyof T & string>;
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    const [a, b, c] = [said[key], known[key], wanted[key]];
    const value = isDeepStrictEqual(a, c) ? b : isPlain(a) && isPlain(b) && isPlain(c) ? merged(a, b, c) : c;
    if (value !== undefined) result[key] = value;
  }
  return result as T;
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A NIC without an address of its own keeps the one that its place gave it, when it comes to stand elsewhere. */
function mergedNics(said: readonly NicConfig[], known: readonly NicConfig[], wanted: readonly NicConfig[]) {
  return mergedList(said, known, wanted, ({ mac }) => mac).map((nic, i) => {
    const mac = wanted[i]?.mac;
    return nic.mac !== undefined || mac === undefined || said[i]?.mac === mac ? nic : { ...nic, mac };
  });
}

/** The same for devices: each goes with the one that has its key. `said` and `known` are in the same order. */
function mergedList<T extends object>(
  said: readonly T[],
  known: readonly T[],
  wanted: readonly T[],
  keyOf: (device: T) => string | undefined,
): readonly T[] {
  if (isDeepStrictEqual(said, wanted)) return known;
  return wanted.map((device) => {
    const i = said.findIndex((each) => keyOf(each) === keyOf(device));
    return i < 0 ? device : merged(said[i]!, known[i]!, device);
  });
}
