import { isIPv6 } from 'node:net';
import type { Config } from '../config/schema.ts';
import type { Daemon, ServedHost } from '../daemon/daemon.ts';
import type { Peer } from '../transport/udp.ts';
import { VERSION } from '../util/package-info.ts';
import { mibDirs, shellQuoted } from './mibs.ts';

/** Hosts that are named one by one; of more, only the first and the last. */
const MAX_NAMED = 3;
/** Communities that everybody knows may be shown; any other is a secret. */
const WELL_KNOWN = ['public', 'private'];

/** What `serve` prints when it is up: what is served where, and commands to copy. */
export function banner(daemon: Daemon, config: Config): string[] {
  const { hosts } = daemon;
  const first = hosts[0]!;
  const peer = first.local[0]!;
  const address = endpoint(reachable(peer));
  const reader = communityFor(config, 'read-only') ?? communityFor(config, 'read-write');
  const writer = communityFor(config, 'read-write');
  const lines = [`virtsnmp ${VERSION} serves ${summary(hosts)}, ${versions(config)} over UDP:`];
  lines.push(
    ...named(hosts).map((host) => `  ${host}`),
    '',
    'To see it (names are resolved by this MIBDIRS):',
  );
  lines.push(`  export MIBDIRS=${shellQuoted(mibDirs())} MIBS=SNMPv2-MIB:LIBVIRT-MIB`);
  if (reader) lines.push(`  snmptable -v2c -c ${reader} -Cib -OX ${address} libvirtGuestTable`);
  const guest = daemon.hypervisor.hosts[0]!.domains;
  const user = config.users[0];
  if (user && !reader) lines.push(`  snmptable ${userFlags(user)} -Cib -OX ${address} libvirtGuestTable`);
  if (writer && guest.size > 0) {
    const running = Array.from(guest).find((domain) => domain.isActive) ?? guest.at(0);
    const instance = `libvirtGuestState.${running.uuidOctets.join('.')}`;
    lines.push(`  snmpset -v2c -c ${writer} ${address} ${instance} = paused   # ${running.name}`);
  }
  const trap = config.traps.destinations[0];
  const trapAddress = trap
    ? `${isIPv6(trap.host) ? `udp6:[${trap.host}]` : trap.host}:${trap.port}`
    : '127.0.0.1:1162';
  lines.push(
    `  snmptrapd -f -Lo --disableAuthorization=yes ${trapAddress}${trap ? '' : '   # and start with --trap 127.0.0.1:1162'}`,
  );
  return lines;
}

function versions({ communities, users }: Config): string {
  const spoken = [
    ...(communities.length > 0 ? ['SNMPv1', 'SNMPv2c'] : []),
    ...(users.length > 0 ? ['SNMPv3'] : []),
  ];
  return spoken.length > 0 ? spoken.join(', ') : 'to nobody (no communities and no users)';
}

/** Flags of Net-SNMP's tools for a user; its passwords are for whoever knows them to fill in. */
function userFlags({ name, level, auth, priv }: Config['users'][number]): string {
  const authFlags = auth ? ` -a ${auth.protocol} -A AUTH_PASSWORD` : '';
  const privFlags = priv ? ` -x ${priv.protocol.replace('AES-128', 'AES')} -X PRIV_PASSWORD` : '';
  return `-v3 -u ${shellQuoted(name)} -l ${level}${authFlags}${privFlags}`;
}

function summary(hosts: readonly ServedHost[]): string {
  const guests = hosts.reduce((sum, host) => sum + host.guests, 0);
  return `${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'} with ${guests} ${guests === 1 ? 'guest' : 'guests'}`;
}

function named(hosts: readonly ServedHost[]): string[] {
  const line = ({ name, guests, local }: ServedHost) =>
    `${name}: ${guests} guests on ${local.map(endpoint).join(', ')}`;
  if (hosts.length <= MAX_NAMED) return hosts.map(line);
  return [line(hosts[0]!), '...', line(hosts.at(-1)!)];
}

/** The name of a community with this access, when it is no secret; `COMMUNITY` for one that is. */
function communityFor(config: Config, access: 'read-only' | 'read-write'): string | undefined {
  const fitting = config.communities.filter((community) => community.access === access);
  if (fitting.length === 0) return undefined;
  return fitting.find(({ name }) => WELL_KNOWN.includes(name))?.name ?? 'COMMUNITY';
}

/** An address to talk to: of a socket that listens on all, the loopback one. */
function reachable({ address, port }: Peer): Peer {
  if (address === '0.0.0.0') return { address: '127.0.0.1', port };
  return address === '::' ? { address: '::1', port } : { address, port };
}

/** An address and port as Net-SNMP's tools take them. */
function endpoint({ address, port }: Peer): string {
  return isIPv6(address) ? `udp6:[${address}]:${port}` : `${address}:${port}`;
}
