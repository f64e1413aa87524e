import { signal } from '@preact/signals';
import { request } from '../api/request.ts';
import type { Fault } from '../api/types.ts';
import { faults, loadFaults } from '../state/fleet.ts';
import { telling } from '../state/life-cycle.ts';
import { dateTime } from '../ui/format.ts';
import { type Column, Table } from '../ui/table.tsx';
import { GuestLink } from './events.tsx';
import { RaiseFault } from './raise-fault.tsx';

const isRaising = signal(false);

async function clear({ id, kind, guest, host }: Fault): Promise<void> {
  await telling(`Cleared ${kind} of ${guest ?? host}`, () => request('DELETE', `/faults/${id}`));
  await loadFaults().catch(() => {});
}

/** Columns of a list of faults. */
export const FAULT_COLUMNS: readonly Column<Fault>[] = [
  { head: 'Fault', cell: ({ kind }) => <strong>{kind}</strong> },
  { head: 'Guest', cell: ({ host, guest }) => <GuestLink host={host} name={guest} /> },
  { head: 'Host', from: 'medium', cell: ({ host }) => host },
  { head: 'Rule', from: 'medium', cell: ({ rule }) => rule },
  { head: 'Begun', from: 'medium', cell: ({ begun }) => <time dateTime={begun}>{dateTime(begun)}</time> },
  {
    head: 'Actions',
    cell: (fault) => (
      <button type="button" class="button small" onClick={() => clear(fault)}>
        Clear
        <span class="visually-hidden">
          {' '}
          {fault.kind} of {fault.guest ?? fault.host}
        </span>
      </button>
    ),
  },
];

/** The faults that are in effect, and how to raise another. */
export function FaultsView() {
  return (
    <>
      <div class="heading-row">
        <h1>Faults</h1>
        <button type="button" class="button primary" onClick={() => (isRaising.value = true)}>
          Raise a fault
        </button>
      </div>
      <p class="lead">
        What is made to go wrong. What follows from it comes out of the models: events, alarms, traps.
      </p>
      <Table
        caption="Faults in effect"
        columns={FAULT_COLUMNS}
        rows={faults.value ?? []}
        keyOf={({ id }) => id}
        empty="Nothing is made to go wrong."
      />
      {isRaising.value && <RaiseFault onClose={() => (isRaising.value = false)} />}
    </>
  );
}
