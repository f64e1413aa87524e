import { isIPv6 } from 'node:net';
import type { Config } from '../config/schema.ts';
import type { Peer } from '../transport/udp.ts';
import { shellQuoted } from '../util/shell-quoted.ts';

/** Communities that everybody knows may be shown; any other is a secret. */
const WELL_KNOWN = ['public', 'private'];

/** Flags by which Net-SNMP's tools may read: of a community, or of the first user; secrets are left to be filled in. */
export function readerFlags(config: Config): string | undefined {
  const community = communityFor(config, 'read-only') ?? communityFor(config, 'read-write');
  if (community !== undefined) return `-v2c -c ${community}`;
  const [user] = config.users;
  return user && userFlags(user);
}

/** The name of a community with this access, when it is no secret; `COMMUNITY` for one that is. */
export function communityFor(config: Config, access: 'read-only' | 'read-write'): string | undefined {
  const fitting = config.communities.filter((community) => community.access === access);
  if (fitting.length === 0) return undefined;
  return fitting.find(({ name }) => WELL_KNOWN.includes(name))?.name ?? 'COMMUNITY';
}

/** Flags of Net-SNMP's tools for a user; its passwords are for whoever knows them to fill in. */
function userFlags({ name, level, auth, priv }: Config['users'][number]): string {
  const authFlags = auth ? ` -a ${auth.protocol} -A AUTH_PASSWORD` : '';
  const privFlags = priv ? ` -x ${priv.protocol.replace('AES-128', 'AES')} -X PRIV_PASSWORD` : '';
  return `-v3 -u ${shellQuoted(name)} -l ${level}${authFlags}${privFlags}`;
}

/** An address to talk to: of a socket that listens on all, the loopback one. */
export function reachable({ address, port }: Peer): Peer {
  if (address === '0.0.0.0') return { address: '127.0.0.1', port };
  return address === '::' ? { address: '::1', port } : { address, port };
}

/** An address and port as Net-SNMP's tools take them. */
export function endpoint({ address, port }: Peer): string {
  return isIPv6(address) ? `udp6:[${address}]:${port}` : `${address}:${port}`;
}
