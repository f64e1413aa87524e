import { computed, signal } from '@preact/signals';
import type { Happening } from '../api/types.ts';
import { guests } from '../state/fleet.ts';
import { happenings } from '../state/news.ts';
import { guestHref } from '../state/router.ts';
import { SearchField, SelectField } from '../ui/fields.tsx';
import { dateTime } from '../ui/format.ts';
import { Pages, pageOf } from '../ui/pages.tsx';
import { type Column, Table } from '../ui/table.tsx';

const ALL = 'all';
const text = signal('');
const topic = signal(ALL);
const cause = signal(ALL);
const page = signal(0);

const topicOf = (one: Happening) =>
  one.alarm ? 'alarm' : one.fault ? 'fault' : one.guest ? 'guest' : 'host';
const aboutOf = ({ alarm, fault, state }: Happening) => alarm?.text ?? fault?.kind ?? state ?? '';

const found = computed(() => {
  const wanted = text.value.trim().toLowerCase();
  return happenings.value.filter(
    (one) =>
      (topic.value === ALL || topicOf(one) === topic.value) &&
      (cause.value === ALL || one.cause === cause.value) &&
      (wanted === '' ||
        `${one.guest ?? ''} ${one.host} ${one.event} ${aboutOf(one)}`.toLowerCase().includes(wanted)),
  );
});

const COLUMNS: readonly Column<Happening>[] = [
  { head: 'Time', cell: ({ time }) => <time dateTime={time}>{dateTime(time)}</time> },
  { head: 'Event', cell: ({ event }) => <code>{event}</code> },
  { head: 'Guest', cell: (one) => <GuestLink host={one.host} name={one.guest} /> },
  { head: 'Host', from: 'medium', cell: ({ host }) => host },
  { head: 'Then, or about', from: 'medium', cell: aboutOf },
  { head: 'Cause', cell: ({ cause: by }) => by },
];

/** A guest's name, which leads to its page while there is one. */
export function GuestLink({ host, name }: { readonly host: string; readonly name: string | undefined }) {
  const guest = guests.value?.find((each) => each.name === name && each.host === host);
  if (!guest) return <>{name ?? ''}</>;
  return <a href={guestHref(guest)}>{guest.name}</a>;
}

/** What happened. */
export function EventsView() {
  const causes = [...new Set(happenings.value.map((one) => one.cause))].sort();
  return (
    <>
      <h1>Events</h1>
      <div class="filters">
        <SearchField label="Guest or event" text={text} />
        <SelectField label="About" value={topic} options={[ALL, 'guest', 'host', 'alarm', 'fault']} />
        <SelectField label="Cause" value={cause} options={[ALL, ...causes]} />
        <p class="found" role="status">
          {found.value.length} of {happenings.value.length} events
        </p>
      </div>
      <Table
        caption="Events, the latest first"
        columns={COLUMNS}
        rows={pageOf(found.value, page.value)}
        keyOf={({ sequence }) => sequence}
        empty="Nothing like that has happened yet."
      />
      <Pages count={found.value.length} page={page} of="events" />
    </>
  );
}
