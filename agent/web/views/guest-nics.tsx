import type { Details, Direction, Nic } from '../api/types.ts';
import { Badge } from '../ui/badge.tsx';
import { bitRate, count, perSecond } from '../ui/format.ts';
import { type Column, Table } from '../ui/table.tsx';
import type { Rate } from './rates.ts';

const BITS = 8;

/** One direction of one queue pair, with its place. */
interface QueueRow {
  readonly nic: number;
  readonly queue: number;
  readonly direction: 'rx' | 'tx';
  readonly figures: Direction;
  readonly ring: number;
}

/** A guest's NICs and their queues. */
export function Nics({ now, rate }: { readonly now: Details; readonly rate: Rate }) {
  return (
    <section aria-labelledby="nics-heading">
      <h2 id="nics-heading">Network interfaces and queues</h2>
      {now.nics.length === 0 && <p class="empty">It has none.</p>}
      {now.nics.map((nic, n) => (
        <div key={nic.name} class="nic">
          <h3>
            {nic.name} <Badge tone={nic.up ? 'good' : 'critical'}>{nic.up ? 'link up' : 'link down'}</Badge>
          </h3>
          <p class="facts">
            <span>{[nic.model, nic.type, nic.source].filter(Boolean).join(', ')}</span>
            {nic.backEnd !== 'none' && <span>{nic.backEnd}</span>}
            <span>{nic.rxErrors} errors received</span>
          </p>
          <Table
            caption={`Queues of ${nic.name}`}
            columns={columnsOf(rate)}
            rows={rowsOf(nic, n)}
            keyOf={({ queue, direction }) => `${queue} ${direction}`}
            empty=""
          />
        </div>
      ))}
    </section>
  );
}

function rowsOf(nic: Nic, n: number): QueueRow[] {
  return nic.queues.flatMap((pair, queue) =>
    (['rx', 'tx'] as const).map((direction) => ({
      nic: n,
      queue,
      direction,
      figures: pair[direction],
      ring: nic.ringSizes[direction],
    })),
  );
}

function columnsOf(rate: Rate): readonly Column<QueueRow>[] {
  const grows = ({ nic, queue, direction }: QueueRow, name: keyof Direction) =>
    rate.of(({ nics }) => nics[nic]?.queues[queue]?.[direction][name]);
  return [
    { head: 'Queue', cell: ({ queue, direction }) => `${queue} ${direction}` },
    {
      head: 'Rate',
      numeric: true,
      cell: (row) => {
        const bytes = grows(row, 'bytes');
        return bitRate(bytes === null ? null : bytes * BITS);
      },
    },
    { head: 'Frames', numeric: true, cell: (row) => perSecond(grows(row, 'frames')) },
    { head: 'Drops', numeric: true, cell: (row) => perSecond(grows(row, 'dropped')) },
    { head: 'In flight', numeric: true, cell: ({ figures, ring }) => `${figures.inFlight} of ${ring}` },
    { head: 'Frames so far', numeric: true, from: 'medium', cell: ({ figures }) => count(figures.frames) },
    { head: 'Drops so far', numeric: true, from: 'medium', cell: ({ figures }) => count(figures.dropped) },
  ];
}
