import type { ComponentChildren } from 'preact';

/** A column of a {@link Table}. */
export interface Column<R> {
  readonly head: string;
  readonly cell: (row: R) => ComponentChildren;
  /** How the table is sorted by it; not at all when absent. */
  readonly sortBy?: (row: R) => number | string;
  /** Numbers stand at the right. */
  readonly numeric?: boolean;
  /** From which width of the window on it is shown. */
  readonly from?: 'medium' | 'wide' | 'widest';
}

/** A table's order. */
export interface Order {
  readonly head: string;
  readonly descending: boolean;
}

/** Rows in an order; those that are equal stay as they were. */
export function ordered<R>(rows: readonly R[], columns: readonly Column<R>[], order: Order): readonly R[] {
  const sortBy = columns.find(({ head }) => head === order.head)?.sortBy;
  if (!sortBy) return rows;
  const sign = order.descending ? -1 : 1;
  return rows
    .map((row) => ({ row, by: sortBy(row) }))
    .sort((a, b) => sign * (a.by < b.by ? -1 : a.by > b.by ? 1 : 0))
    .map(({ row }) => row);
}

/** A table; with `onOrder`, its columns' heads are buttons that sort it. */
export function Table<R>({
  caption,
  columns,
  rows,
  keyOf,
  order,
  onOrder,
  empty,
}: {
  readonly caption: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly keyOf: (row: R) => string | number;
  readonly order?: Order;
  readonly onOrder?: (order: Order) => void;
  /** What is said when there are no rows. */
  readonly empty: string;
}) {
  const classOf = ({ numeric, from }: Column<R>) =>
    [numeric ? 'numeric' : '', from ? `from-${from}` : ''].join(' ').trim();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table-scroll" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.head}
                scope="col"
                class={classOf(column)}
                {...(order?.head === column.head && {
                  'aria-sort': order.descending ? ('descending' as const) : ('ascending' as const),
                })}
              >
                {onOrder && column.sortBy ? (
                  <button
                    type="button"
                    class="sort"
                    onClick={() =>
                      onOrder({
                        head: column.head,
                        descending: order?.head === column.head ? !order.descending : column.numeric === true,
                      })
                    }
                  >
                    {column.head}
                  </button>
                ) : (
                  column.head
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.head} class={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="empty">{empty}</p>}
    </section>
  );
}
