import { computed, signal } from '@preact/signals';
import type { Guest, Rates } from '../api/types.ts';
import { guests, hasSeveralHosts, hosts, keyOf, rates } from '../state/fleet.ts';
import { guestHref } from '../state/router.ts';
import { StateBadge, stateWord } from '../ui/badge.tsx';
import { SearchField, SelectField } from '../ui/fields.tsx';
import { bitRate, byteRate, kib, kibOf, percent } from '../ui/format.ts';
import { Meter } from '../ui/meter.tsx';
import { Pages, pageOf } from '../ui/pages.tsx';
import { Spark } from '../ui/spark.tsx';
import { type Column, type Order, ordered, Table } from '../ui/table.tsx';
import { QuickAction } from './quick-actions.tsx';

/** A guest with its latest rates. */
interface Row {
  readonly guest: Guest;
  readonly rates: Rates | undefined;
}

const ALL = 'all';
const text = signal('');
const state = signal(ALL);
const host = signal(ALL);
const kind = signal(ALL);
const order = signal<Order>({ head: 'Guest', descending: false });
const page = signal(0);

const rows = computed(() => {
  const wanted = text.value.trim().toLowerCase();
  return (guests.value ?? [])
    .filter(
      (guest) =>
        (wanted === '' ||
          `${guest.name} ${guest.title ?? ''} ${guest.uuid}`.toLowerCase().includes(wanted)) &&
        (state.value === ALL || guest.state === state.value) &&
        (host.value === ALL || guest.host === host.value) &&
        (kind.value === ALL || guest.type === kind.value),
    )
    .map((guest): Row => ({ guest, rates: rates.value.get(keyOf(guest)) }));
});

const optionsOf = (values: readonly string[], word: (value: string) => string = (value) => value) => [
  [ALL, 'all'] as const,
  ...[...new Set(values)].sort().map((value) => [value, word(value)] as const),
];

const COLUMNS: readonly Column<Row>[] = [
  {
    head: 'State',
    sortBy: ({ guest }) => guest.state,
    cell: ({ guest }) => <StateBadge state={guest.state} reason={guest.reason} />,
  },
  {
    head: 'Guest',
    sortBy: ({ guest }) => guest.name,
    cell: ({ guest }) => (
      <>
        <a class="guest-link" href={guestHref(guest)}>
          {guest.name}
        </a>
        {guest.type === 'lxc' && <span class="kind">container</span>}
        {hasSeveralHosts.value && <span class="muted"> {guest.host}</span>}
      </>
    ),
  },
  {
    head: 'vCPUs',
    numeric: true,
    from: 'widest',
    sortBy: ({ guest }) => guest.vcpus,
    cell: ({ guest }) => guest.vcpus,
  },
  {
    head: 'CPU',
    numeric: true,
    sortBy: ({ rates: r }) => r?.cpu ?? -1,
    cell: ({ guest, rates: r }) => (
      <Meter label={`CPU of ${guest.name}`} share={r?.cpu} more={r?.steal ?? 0} />
    ),
  },
  {
    head: 'Steal',
    numeric: true,
    from: 'medium',
    sortBy: ({ rates: r }) => r?.steal ?? -1,
    cell: ({ rates: r }) => percent(r?.steal),
  },
  {
    head: 'Trend',
    from: 'wide',
    cell: ({ guest, rates: r }) => (
      <Spark values={r?.trend ?? []} label={`Trend of the CPU of ${guest.name}`} />
    ),
  },
  {
    head: 'Memory used',
    numeric: true,
    sortBy: ({ rates: r }) => r?.used ?? -1,
    cell: ({ guest, rates: r }) => (
      <Meter
        label={`Memory of ${guest.name} in use`}
        share={r?.used == null ? null : r.used / guest.maxMemoryKiB}
        text={kib(r?.used)}
      />
    ),
  },
  {
    head: 'Balloon',
    numeric: true,
    from: 'wide',
    sortBy: ({ guest }) => guest.memoryKiB,
    cell: ({ guest }) => kibOf(guest.memoryKiB, guest.maxMemoryKiB),
  },
  {
    head: 'Rx',
    numeric: true,
    from: 'medium',
    sortBy: ({ rates: r }) => r?.rx ?? -1,
    cell: ({ rates: r }) => bitRate(r?.rx),
  },
  {
    head: 'Tx',
    numeric: true,
    from: 'medium',
    sortBy: ({ rates: r }) => r?.tx ?? -1,
    cell: ({ rates: r }) => bitRate(r?.tx),
  },
  {
    head: 'Read',
    numeric: true,
    from: 'wide',
    sortBy: ({ rates: r }) => r?.read ?? -1,
    cell: ({ rates: r }) => byteRate(r?.read),
  },
  {
    head: 'Write',
    numeric: true,
    from: 'wide',
    sortBy: ({ rates: r }) => r?.write ?? -1,
    cell: ({ rates: r }) => byteRate(r?.write),
  },
  { head: 'Actions', from: 'medium', cell: ({ guest }) => <QuickAction guest={guest} /> },
];

/** All guests, those of the filters. */
export function Guests() {
  const all = guests.value ?? [];
  const found = ordered(rows.value, COLUMNS, order.value);
  return (
    <section aria-labelledby="guests-heading">
      <h2 id="guests-heading">Guests</h2>
      <div class="filters">
        <SearchField label="Name or UUID" text={text} />
        <SelectField
          label="State"
          value={state}
          options={optionsOf(
            all.map((one) => one.state),
            stateWord,
          )}
        />
        <SelectField label="Type" value={kind} options={optionsOf(all.map((one) => one.type))} />
        {hasSeveralHosts.value && (
          <SelectField label="Host" value={host} options={optionsOf(hosts.value.map(({ name }) => name))} />
        )}
        <p class="found" role="status">
          {found.length === all.length ? `${all.length} guests` : `${found.length} of ${all.length} guests`}
        </p>
      </div>
      <Table
        caption="Guests"
        columns={COLUMNS}
        rows={pageOf(found, page.value)}
        keyOf={({ guest }) => keyOf(guest)}
        order={order.value}
        onOrder={(wanted) => {
          order.value = wanted;
        }}
        empty={guests.value ? 'No guest is as the filters want it.' : 'Asking for the guests…'}
      />
      <Pages count={found.length} page={page} of="guests" />
    </section>
  );
}
