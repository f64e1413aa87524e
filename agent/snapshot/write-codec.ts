import { Domain } from '../emulation/domain/domain.ts';
import { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import type { Write } from '../emulation/write.ts';

/**
 * What stands for what JSON has not: a host by its name, a domain by its host's name and its UUID, and the numbers
 * that are none or have no end.
 */
const HOST = '$host';
const DOMAIN = '$domain';
const NUMBER = '$number';

/** What `JSON.stringify` is to do with hosts, domains, maps and odd numbers. */
export function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { [NUMBER]: String(value) };
  if (value instanceof Domain) return { [DOMAIN]: [value.host.name, value.uuid] };
  if (value instanceof Host) return { [HOST]: value.name };
  if (value instanceof Map || value instanceof Set) return [...value];
  return value;
}

/**
 * The write that was made plain, in terms of a fleet's own hosts and domains as they are now. Throws an Error that
 * says what is not there.
 */
export function reviveWrite(plain: unknown, hypervisor: Hypervisor): Write {
  return revive(plain, hypervisor) as Write;
}

function revive(value: unknown, hypervisor: Hypervisor): unknown {
  if (Array.isArray(value)) return value.map((each) => revive(each, hypervisor));
  if (typeof value !== 'object' || value === null) return value;
  const plain = value as Record<string, unknown>;
  if (HOST in plain) return hostOf(plain[HOST], hypervisor);
  if (DOMAIN in plain) return domainOf(plain[DOMAIN], hypervisor);
  if (NUMBER in plain) return Number(plain[NUMBER]);
  const entries = Object.entries(plain).map(([key, each]) => [key, revive(each, hypervisor)]);
  return Object.fromEntries(entries);
}

function hostOf(name: unknown, { hosts }: Hypervisor): Host {
  const host = hosts.find((each) => each.name === name);
  if (!host) throw new Error(`there is no host ${String(name)}`);
  return host;
}

function domainOf(reference: unknown, hypervisor: Hypervisor): Domain {
  const [host, uuid] = Array.isArray(reference) ? reference : [];
  const domain = hostOf(host, hypervisor).domains.byUuid(String(uuid));
  if (!domain) throw new Error(`there is no domain ${String(uuid)} on host ${String(host)}`);
  return domain;
}
