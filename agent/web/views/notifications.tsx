import { computed, signal } from '@preact/signals';
import type { Delivery } from '../api/types.ts';
import { deliveries } from '../state/news.ts';
import { Badge } from '../ui/badge.tsx';
import { SearchField, SelectField } from '../ui/fields.tsx';
import { dateTime, timeOfDay } from '../ui/format.ts';
import { Pages, pageOf } from '../ui/pages.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { GuestLink } from './events.tsx';

const ALL = 'all';
const text = signal('');
const target = signal(ALL);
const state = signal(ALL);
const page = signal(0);

const STATES = ['queued', 'sent', 'acknowledged', 'failed', 'dropped'];
const TONES: Readonly<Record<string, string>> = {
  acknowledged: 'good',
  sent: 'neutral',
  queued: 'warning',
  failed: 'critical',
  dropped: 'major',
};

const found = computed(() => {
  const wanted = text.value.trim().toLowerCase();
  return deliveries.value.filter(
    (one) =>
      (target.value === ALL || one.target === target.value) &&
      (state.value === ALL || one.state === state.value) &&
      (wanted === '' ||
        `${one.name} ${one.oid} ${one.guest ?? ''} ${one.host}`.toLowerCase().includes(wanted)),
  );
});

const COLUMNS: readonly Column<Delivery>[] = [
  { head: 'Time', cell: ({ time }) => <time dateTime={time}>{dateTime(time)}</time> },
  { head: 'Notification', cell: ({ name, oid }) => <code title={oid}>{name}</code> },
  { head: 'Guest', cell: ({ host, guest }) => <GuestLink host={host} name={guest} /> },
  { head: 'Host', from: 'medium', cell: ({ host }) => host },
  { head: 'Target', from: 'medium', cell: (one) => <span title={one.address}>{one.target}</span> },
  { head: 'Type', from: 'medium', cell: ({ type, version }) => `${type} ${version}` },
  { head: 'State', cell: (one) => <Badge tone={TONES[one.state] ?? 'neutral'}>{one.state}</Badge> },
  { head: 'Then', from: 'wide', cell: courseOf },
];

/** What became of it, in words. */
function courseOf({ retries, reason, acknowledgedAt }: Delivery): string {
  const parts = [
    acknowledgedAt && `acknowledged at ${timeOfDay(acknowledgedAt)}`,
    retries > 0 && `sent again ${retries} ×`,
    reason,
  ];
  return parts.filter(Boolean).join(', ');
}

/** What was sent to whom, and who has acknowledged it. */
export function NotificationsView() {
  const targets = [...new Set(deliveries.value.map((one) => one.target))].sort();
  return (
    <>
      <h1>Notifications</h1>
      <p class="lead">
        One row for each receiver. A trap is sent and no more is heard of it; an inform is acknowledged, or
        goes again.
      </p>
      <div class="filters">
        <SearchField label="Notification or guest" text={text} />
        <SelectField label="Target" value={target} options={[ALL, ...targets]} />
        <SelectField label="State" value={state} options={[ALL, ...STATES]} />
        <p class="found" role="status">
          {found.value.length} of {deliveries.value.length} deliveries
        </p>
      </div>
      <Table
        caption="Notifications, the latest first"
        columns={COLUMNS}
        rows={pageOf(found.value, page.value)}
        keyOf={({ seq }) => seq}
        empty="Nothing like that was sent."
      />
      <Pages count={found.value.length} page={page} of="deliveries" />
    </>
  );
}
