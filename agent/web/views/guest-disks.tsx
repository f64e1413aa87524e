import type { Details, Disk } from '../api/types.ts';
import { Badge } from '../ui/badge.tsx';
import { byteRate, bytes, perSecond } from '../ui/format.ts';
import { Meter } from '../ui/meter.tsx';
import { type Column, Table } from '../ui/table.tsx';
import type { Rate } from './rates.ts';

type Counter = 'reads' | 'readBytes' | 'readNs' | 'writes' | 'writtenBytes' | 'writeNs';

/** A guest's disks. */
export function Disks({ now, rate }: { readonly now: Details; readonly rate: Rate }) {
  const counter =
    (target: string, name: Counter) =>
    ({ disks }: Details) =>
      disks.find((disk) => disk.target === target)?.[name];
  const mean = (target: string, ns: Counter, often: Counter) => {
    const ms = rate.meanMs(counter(target, ns), counter(target, often));
    return ms === null ? '–' : `${ms.toFixed(2)} ms`;
  };
  const columns: readonly Column<Disk>[] = [
    {
      head: 'Disk',
      cell: ({ target, failed, job }) => (
        <>
          <strong>{target}</strong> {failed && <Badge tone="critical">failed</Badge>}
          {job && (
            <Badge tone="neutral">{`${job.type} ${Math.round((100 * job.done) / Math.max(1, job.total))} %`}</Badge>
          )}
        </>
      ),
    },
    { head: 'Read', numeric: true, cell: ({ target }) => byteRate(rate.of(counter(target, 'readBytes'))) },
    {
      head: 'Write',
      numeric: true,
      cell: ({ target }) => byteRate(rate.of(counter(target, 'writtenBytes'))),
    },
    {
      head: 'Reads',
      numeric: true,
      from: 'medium',
      cell: ({ target }) => perSecond(rate.of(counter(target, 'reads'))),
    },
    {
      head: 'Writes',
      numeric: true,
      from: 'medium',
      cell: ({ target }) => perSecond(rate.of(counter(target, 'writes'))),
    },
    {
      head: 'Mean read',
      numeric: true,
      from: 'medium',
      cell: ({ target }) => mean(target, 'readNs', 'reads'),
    },
    {
      head: 'Mean write',
      numeric: true,
      from: 'medium',
      cell: ({ target }) => mean(target, 'writeNs', 'writes'),
    },
    {
      head: 'Allocated',
      cell: ({ target, allocation, capacity }) => (
        <Meter
          label={`Allocated of ${target}`}
          share={capacity === 0 ? 0 : allocation / capacity}
          text={`${bytes(allocation)} of ${bytes(capacity)}`}
        />
      ),
    },
    { head: 'Source', from: 'wide', cell: ({ source }) => <code>{source}</code> },
  ];
  return (
    <section aria-labelledby="disks-heading">
      <h2 id="disks-heading">Disks</h2>
      <Table caption="Disks" columns={columns} rows={now.disks} keyOf={({ target }) => target} empty="" />
    </section>
  );
}

/** A container's control group, as its file system shows it. */
export function Cgroup({ files }: { readonly files: Readonly<Record<string, string>> }) {
  return (
    <section aria-labelledby="cgroup-heading">
      <h2 id="cgroup-heading">Control group</h2>
      <dl class="cgroup">
        {Object.entries(files)
          .filter(([, content]) => content !== '')
          .map(([file, content]) => (
            <div key={file}>
              <dt>
                <code>{file}</code>
              </dt>
              <dd>
                <pre>{content.trimEnd()}</pre>
              </dd>
            </div>
          ))}
      </dl>
    </section>
  );
}
