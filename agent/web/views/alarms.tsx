import { computed, signal } from '@preact/signals';
import type { Alarm } from '../api/types.ts';
import { alarms } from '../state/fleet.ts';
import { Badge } from '../ui/badge.tsx';
import { SearchField, SelectField } from '../ui/fields.tsx';
import { dateTime } from '../ui/format.ts';
import { type Column, Table } from '../ui/table.tsx';
import { GuestLink } from './events.tsx';

const ALL = 'all';
const SEVERITIES = ['critical', 'major', 'minor', 'warning', 'indeterminate'];
const text = signal('');
const severity = signal(ALL);

const found = computed(() => {
  const wanted = text.value.trim().toLowerCase();
  return (alarms.value ?? [])
    .filter(
      (one) =>
        (severity.value === ALL || one.severity === severity.value) &&
        (wanted === '' ||
          `${one.guest ?? ''} ${one.host} ${one.kind} ${one.text}`.toLowerCase().includes(wanted)),
    )
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.number - a.number);
});

/** Columns of a list of alarms. */
export const ALARM_COLUMNS: readonly Column<Alarm>[] = [
  { head: 'Severity', cell: (one) => <Badge tone={one.severity}>{one.severity}</Badge> },
  { head: 'Alarm', cell: (one) => one.text },
  { head: 'Guest', cell: ({ host, guest }) => <GuestLink host={host} name={guest} /> },
  { head: 'Host', from: 'medium', cell: ({ host }) => host },
  { head: 'Kind', from: 'medium', cell: ({ kind }) => <code>{kind}</code> },
  { head: 'Raised', from: 'medium', cell: ({ raised }) => <time dateTime={raised}>{dateTime(raised)}</time> },
];

/** The alarms that are up. */
export function AlarmsView() {
  const all = alarms.value?.length ?? 0;
  return (
    <>
      <h1>Alarms</h1>
      <div class="filters">
        <SearchField label="Guest, kind or text" text={text} />
        <SelectField label="Severity" value={severity} options={[ALL, ...SEVERITIES]} />
        <p class="found" role="status">
          {found.value.length === all ? `${all} alarms are up` : `${found.value.length} of ${all} alarms`}
        </p>
      </div>
      <Table
        caption="Alarms, the worst first"
        columns={ALARM_COLUMNS}
        rows={found.value}
        keyOf={({ number, host }) => `${host} ${number}`}
        empty={
          all === 0 ? 'No alarm is up. Raise a fault to get one.' : 'No alarm is as the filters want it.'
        }
      />
    </>
  );
}
