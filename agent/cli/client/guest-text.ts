import type { DomainStats } from '../../control/domain-stats.ts';
import type { GuestView } from '../../control/views.ts';
import { fieldLines, tableLines } from './table.ts';

/** States as virsh words them. */
const STATE_WORDS: Readonly<Record<GuestView['state'], string>> = {
  NOSTATE: 'no state',
  RUNNING: 'running',
  BLOCKED: 'idle',
  PAUSED: 'paused',
  SHUTDOWN: 'in shutdown',
  SHUTOFF: 'shut off',
  CRASHED: 'crashed',
  PMSUSPENDED: 'pmsuspended',
};

/** What `virsh list` prints; with the host where there are several. */
export function guestList(guests: readonly GuestView[]): string[] {
  const several = new Set(guests.map(({ host }) => host)).size > 1;
  const rows = guests.map(({ id, name, state, host }) => [
    id === undefined ? '-' : String(id),
    name,
    STATE_WORDS[state],
    ...(several ? [host] : []),
  ]);
  return [...tableLines(['Id', 'Name', 'State', ...(several ? ['Host'] : [])], rows), ''];
}

/** What `virsh dominfo` prints. */
export function guestInfo(guest: GuestView): string[] {
  return [
    ...fieldLines([
      ['Id', guest.id ?? '-'],
      ['Name', guest.name],
      ['UUID', guest.uuid],
      ['OS Type', guest.type === 'lxc' ? 'exe' : guest.type === 'xen' ? 'xen' : 'hvm'],
      ['State', STATE_WORDS[guest.state]],
      ['CPU(s)', guest.vcpus],
      ...(guest.id === undefined ? [] : [['CPU time', `${(guest.cpuTimeNs / 1e9).toFixed(1)}s`] as const]),
      ['Max memory', `${guest.maxMemoryKiB} KiB`],
      ['Used memory', `${guest.memoryKiB} KiB`],
      ['Persistent', guest.persistent ? 'yes' : 'no'],
      ['Autostart', guest.autostart ? 'enable' : 'disable'],
      ['Host', guest.host],
    ]),
    '',
  ];
}

/** What `virsh domstats` prints. */
export function guestStats(name: string, stats: DomainStats): string[] {
  const lines = Object.entries(stats).map(
    ([key, value]) => `  ${key}=${typeof value === 'boolean' ? (value ? 'yes' : 'no') : value}`,
  );
  return [`Domain: '${name}'`, ...lines, ''];
}

/** What `virsh domstate` prints, with the reason after a comma. */
export function guestState({ state, reason }: GuestView, withReason: boolean): string[] {
  const word = STATE_WORDS[state];
  return [withReason ? `${word} (${reason.toLowerCase().replaceAll('_', ' ')})` : word, ''];
}
