import { isIPv6 } from 'node:net';
import type { Config } from '../config/schema.ts';
import type { Daemon, ServedHost } from '../daemon/daemon.ts';
import { communityFor, endpoint, reachable, readerFlags } from '../daemon/snmp-command.ts';
import { VERSION } from '../util/package-info.ts';
import { shellQuoted } from '../util/shell-quoted.ts';
import { mibDirs } from './mibs.ts';

/** Hosts that are named one by one; of more, only the first and the last. */
const MAX_NAMED = 3;

/** What `serve` prints when it is up: what is served where, and commands to copy. */
export function banner(daemon: Daemon, config: Config): string[] {
  const { hosts } = daemon;
  const first = hosts[0]!;
  const peer = first.local[0]!;
  const address = endpoint(reachable(peer));
  const reader = readerFlags(config);
  const writer = communityFor(config, 'read-write');
  const lines = [`virtsnmp ${VERSION} serves ${summary(hosts)}, ${versions(config)} over UDP:`];
  lines.push(
    ...named(hosts).map((host) => `  ${host}`),
    ...daemon.controlUrls.map((url) => `Web console: ${url}/ (HTTP API: ${url}/openapi.json)`),
    '',
    'To see it (names are resolved by this MIBDIRS):',
  );
  lines.push(`  export MIBDIRS=${shellQuoted(mibDirs())} MIBS=SNMPv2-MIB:LIBVIRT-MIB`);
  if (reader) lines.push(`  snmptable ${reader} -Cib -OX ${address} libvirtGuestTable`);
  const guest = daemon.hypervisor.hosts[0]!.domains;
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
