import { useState } from 'preact/hooks';
import { get } from '../api/request.ts';
import type { MibInstance, MibObject } from '../api/types.ts';
import { objectsByOid } from '../state/mib.ts';
import { usePolled } from '../state/polled.ts';
import { CopyLine } from '../ui/copy-line.tsx';
import { Figure } from './guest-processors.tsx';
import { ColumnGrid, InstanceList } from './instances.tsx';

const LOOK_MS = 2000;
/** Rows of a table, and instances of a branch, that are shown at once. */
const ROWS = 50;

interface Answer {
  readonly reach: string;
  readonly instances: readonly MibInstance[];
}

/** An object of a host: what its module says, what the agent answers now, and the line that asks it. */
export function ObjectPanel({ object, host }: { readonly object: MibObject; readonly host: string }) {
  const [answer, setAnswer] = useState<Answer>();
  const [picked, setPicked] = useState<MibInstance>();
  /** Index behind which the rows begin, and those of the pages before. */
  const [starts, setStarts] = useState<readonly string[]>([]);
  const columns = object.kind === 'table' ? columnsOf(object) : undefined;
  const after = starts.at(-1);
  usePolled(
    async (signal) => {
      if (object.kind === 'notification') return;
      const subtrees = columns?.map(({ oid }) => oid) ?? [object.oid];
      const query = new URLSearchParams({ oid: subtrees.join(','), count: String(ROWS) });
      if (after !== undefined) query.set('after', after);
      const latest = await get<Answer>(`/hosts/${encodeURIComponent(host)}/snmp?${query}`);
      if (!signal.aborted) setAnswer(latest);
    },
    LOOK_MS,
    [object.oid, host, after],
  );
  const instances = answer?.instances ?? [];
  const shown = (picked && instances.find(({ oid }) => oid === picked.oid)) ?? instances[0];
  return (
    <>
      <h2>{object.name}</h2>
      <dl class="figures">
        <Figure name="Module" value={object.module} />
        <Figure name="OID" value={object.oid} />
        {object.syntax && <Figure name="Syntax" value={object.syntax} />}
        {object.access && <Figure name="Access" value={object.access} />}
        {object.units && <Figure name="Units" value={object.units} />}
        {object.status && <Figure name="Status" value={object.status} />}
        {object.index && <Figure name="Index" value={object.index.join(', ')} />}
        {object.carries && <Figure name="Carries" value={object.carries.join(', ')} />}
        {object.values && (
          <Figure
            name="Values"
            value={Object.entries(object.values)
              .map(([name, value]) => `${name}(${value})`)
              .join(', ')}
          />
        )}
      </dl>
      {object.description && <p class="description">{object.description}</p>}
      {shown && answer && (
        <CopyLine line={`snmpget ${answer.reach} ${shown.oid}`} comment={`${shown.object}.${shown.index}`} />
      )}
      {columns ? (
        <ColumnGrid columns={columns} instances={instances} picked={shown?.oid} pick={setPicked} />
      ) : (
        object.kind !== 'notification' && (
          <InstanceList instances={instances} picked={shown?.oid} pick={setPicked} />
        )
      )}
      {object.kind !== 'notification' && answer && (
        <nav class="pages" aria-label="Pages of rows">
          <button
            type="button"
            class="button"
            disabled={starts.length === 0}
            onClick={() => setStarts(starts.slice(0, -1))}
          >
            Previous
          </button>
          <button
            type="button"
            class="button"
            disabled={!isFull(instances, columns?.length) || !(columns || object.kind === 'column')}
            onClick={() => setStarts([...starts, lastIndex(instances)])}
          >
            Next
          </button>
        </nav>
      )}
    </>
  );
}

function columnsOf(table: MibObject): MibObject[] {
  return [...objectsByOid.value.values()].filter(
    ({ kind, oid, access }) =>
      kind === 'column' &&
      oid.startsWith(`${table.oid}.1.`) &&
      access !== 'not-accessible' &&
      access !== 'accessible-for-notify',
  );
}

/** Whether there may be rows behind these. */
function isFull(instances: readonly MibInstance[], columns: number | undefined): boolean {
  if (columns === undefined) return instances.length === ROWS;
  const counts = new Map<string, number>();
  for (const { object } of instances) counts.set(object, (counts.get(object) ?? 0) + 1);
  return Math.max(0, ...counts.values()) === ROWS;
}

/** The last row that all columns of this page reach: a column with gaps goes further than one without. */
function lastIndex(instances: readonly MibInstance[]): string {
  const lasts = new Map<string, { count: number; index: string }>();
  for (const { object, index } of instances) {
    lasts.set(object, { count: (lasts.get(object)?.count ?? 0) + 1, index });
  }
  const full = [...lasts.values()].filter(({ count }) => count === ROWS).map(({ index }) => index);
  return full.sort(compareIndexes)[0] ?? '';
}

/** Lexicographic order of indexes (RFC 2578 section 7.7). */
export function compareIndexes(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] !== right[i]) return left[i]! - right[i]!;
  }
  return left.length - right.length;
}
