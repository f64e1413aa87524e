import { nearest } from '../config/nearest.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { canonicalUuid } from '../util/uuid.ts';
import { notFound, ProblemError } from './problem.ts';

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/;
/** Names that the nearest is looked for among. */
const MOST_CANDIDATES = 20_000;

/** The host of this name. Throws a 404 with the nearest name. */
export function findHost({ hosts }: Hypervisor, name: string): Host {
  const host = hosts.find((each) => each.name === name);
  if (host) return host;
  const names = hosts.map((each) => each.name);
  throw notFound('host', name, nearest(name, names));
}

/**
 * The guest of this UUID or name, of one host or of any. Throws a 404 with the nearest name, or a 409 when
 * several hosts have it.
 */
function findGuest(hypervisor: Hypervisor, name: string, hostName: string | undefined): Domain {
  const hosts = hostName === undefined ? hypervisor.hosts : [findHost(hypervisor, hostName)];
  const found = hosts.flatMap(({ domains }) =>
    UUID.test(name) ? byUuid(domains, name) : byName(domains, name),
  );
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const places = found.map(({ host }) => host.name).join(', ');
    throw new ProblemError({
      status: 409,
      title: 'Ambiguous',
      detail: `guest ${name} is on several hosts (${places}): say which with ?host=`,
      code: 'AMBIGUOUS',
    });
  }
  throw notFound('guest', name, nearestGuest(hosts, name));
}

/** {@link findGuest} for the parameters of a route about one guest. */
export function guestFinder(hypervisor: Hypervisor) {
  return ({ guest }: { guest: string }, { host }: { host?: string | undefined }): Domain =>
    findGuest(hypervisor, guest, host);
}

function byUuid(domains: Host['domains'], uuid: string): Domain[] {
  const domain = domains.byUuid(canonicalUuid(uuid)!);
  return domain ? [domain] : [];
}

function byName(domains: Host['domains'], name: string): Domain[] {
  const domain = domains.byName(name);
  return domain ? [domain] : [];
}

function nearestGuest(hosts: readonly Host[], name: string): string | undefined {
  const names: string[] = [];
  for (const { domains } of hosts) {
    for (const domain of domains) {
      if (names.length === MOST_CANDIDATES) return nearest(name, names);
      names.push(domain.name);
    }
  }
  return nearest(name, names);
}
