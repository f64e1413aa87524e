import { request } from '../api/request.ts';
import type { Host } from '../api/types.ts';
import { alarms, hosts, loadFleet } from '../state/fleet.ts';
import { telling } from '../state/life-cycle.ts';
import { Badge } from '../ui/badge.tsx';
import { confirmed } from '../ui/confirm.tsx';
import { dateTime, kibOf } from '../ui/format.ts';
import { Meter } from '../ui/meter.tsx';
import { type Column, Table } from '../ui/table.tsx';

const TONES: Readonly<Record<string, string>> = { up: 'good', stopping: 'warning', down: 'critical' };

const COLUMNS: readonly Column<Host>[] = [
  {
    head: 'Host',
    cell: ({ name, state }) => (
      <span class="named">
        <Badge tone={TONES[state] ?? 'neutral'}>{state}</Badge> <strong>{name}</strong>
      </span>
    ),
  },
  { head: 'Running', numeric: true, cell: ({ running, guests }) => `${running} of ${guests}` },
  {
    head: 'Processors',
    cell: ({ name, utilisation, pcpus }) => (
      <Meter
        label={`Processors of ${name}`}
        share={utilisation}
        text={`${Math.round(utilisation * 100)} % of ${pcpus}`}
      />
    ),
  },
  {
    head: 'Memory',
    cell: ({ name, memoryKiB, memoryFreeKiB }) => (
      <Meter
        label={`Memory of ${name}`}
        share={1 - memoryFreeKiB / memoryKiB}
        text={kibOf(memoryKiB - memoryFreeKiB, memoryKiB)}
      />
    ),
  },
  {
    head: 'Alarms',
    numeric: true,
    from: 'medium',
    cell: ({ name }) => alarms.value?.filter(({ host }) => host === name).length ?? '–',
  },
  { head: 'NUMA nodes', numeric: true, from: 'wide', cell: ({ nodes }) => nodes },
  { head: 'Era', from: 'wide', cell: ({ profile }) => profile },
  { head: 'Booted', from: 'wide', cell: ({ bootedAt, boots }) => `${dateTime(bootedAt)} (${boots}.)` },
  {
    head: 'Actions',
    from: 'medium',
    cell: (host) => (
      <button type="button" class="button small" disabled={host.state !== 'up'} onClick={() => reboot(host)}>
        Reboot<span class="visually-hidden"> {host.name}</span>
      </button>
    ),
  },
];

async function reboot({ name }: Host): Promise<void> {
  const text = 'Its guests are stopped, and those with autostart are started when it is up again.';
  if (!(await confirmed(`Reboot host ${name}?`, text, 'Reboot host'))) return;
  await telling(`Reboot: ${name}`, () =>
    request('POST', `/hosts/${encodeURIComponent(name)}/actions`, { reboot: true }),
  );
  await loadFleet().catch(() => {});
}

/** The simulated hosts. */
export function Hosts() {
  return (
    <section aria-labelledby="hosts-heading">
      <h2 id="hosts-heading">Hosts</h2>
      <Table
        caption="Hosts"
        columns={COLUMNS}
        rows={hosts.value}
        keyOf={({ name }) => name}
        empty="No hosts are known yet."
      />
    </section>
  );
}
