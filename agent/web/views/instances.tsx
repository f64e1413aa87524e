import type { MibInstance, MibObject } from '../api/types.ts';
import { type Column, Table } from '../ui/table.tsx';
import { compareIndexes } from './object-panel.tsx';

interface Picking {
  readonly instances: readonly MibInstance[];
  /** Object identifier of the instance whose line is shown. */
  readonly picked: string | undefined;
  readonly pick: (instance: MibInstance) => void;
}

/** Instances one below the other. */
export function InstanceList({ instances, picked, pick }: Picking) {
  const columns: readonly Column<MibInstance>[] = [
    {
      head: 'Object',
      cell: ({ object, index, row }) => (
        <code class="index" title={`${object}.${index}`}>{`${object}.${row === '' ? index : row}`}</code>
      ),
    },
    { head: 'Value', cell: (one) => <ValueButton instance={one} picked={picked} pick={pick} /> },
  ];
  return (
    <Table
      caption="Values, as they are now"
      columns={columns}
      rows={instances}
      keyOf={({ oid }) => oid}
      empty="The agent has no instance of it now."
    />
  );
}

interface GridRow {
  readonly index: string;
  readonly row: string;
  readonly cells: ReadonlyMap<string, MibInstance>;
}

/** A table's instances as rows and columns. */
export function ColumnGrid({
  columns,
  instances,
  ...picking
}: Picking & { readonly columns: readonly MibObject[] }) {
  const rows = new Map<string, { readonly row: string; readonly cells: Map<string, MibInstance> }>();
  for (const instance of instances) {
    const { index, row, object } = instance;
    const known = rows.get(index) ?? { row, cells: new Map<string, MibInstance>() };
    known.cells.set(object, instance);
    rows.set(index, known);
  }
  const sorted = [...rows]
    .sort(([a], [b]) => compareIndexes(a, b))
    .map(([index, known]): GridRow => ({ index, ...known }));
  const shown: readonly Column<GridRow>[] = [
    {
      head: 'Index',
      cell: ({ index, row }) => (
        <code class="index" title={index}>
          {row}
        </code>
      ),
    },
    ...columns.map(
      ({ name }): Column<GridRow> => ({
        head: name,
        cell: ({ cells }) => {
          const instance = cells.get(name);
          return instance && <ValueButton instance={instance} {...picking} />;
        },
      }),
    ),
  ];
  return (
    <Table
      caption="Rows, as they are now"
      columns={shown}
      rows={sorted}
      keyOf={({ index }) => index}
      empty="The table has no rows now."
    />
  );
}

function ValueButton({
  instance,
  picked,
  pick,
}: { readonly instance: MibInstance } & Pick<Picking, 'picked' | 'pick'>) {
  return (
    <button
      type="button"
      class="value"
      title={`${instance.object}.${instance.index}`}
      aria-pressed={picked === instance.oid}
      onClick={() => pick(instance)}
    >
      {instance.value === '' ? '""' : instance.value}
    </button>
  );
}
