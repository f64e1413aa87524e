import type { Signal } from '@preact/signals';

const ROWS = 100;

/** The rows of one page of a long list; of the last one when there are fewer now. */
export function pageOf<R>(rows: readonly R[], page: number): readonly R[] {
  const last = Math.max(0, Math.ceil(rows.length / ROWS) - 1);
  const at = Math.min(page, last) * ROWS;
  return rows.slice(at, at + ROWS);
}

/** Goes through the pages of a long list; nothing when there is but one. */
export function Pages({
  count,
  page,
  of,
}: {
  readonly count: number;
  readonly page: Signal<number>;
  readonly of: string;
}) {
  const last = Math.max(0, Math.ceil(count / ROWS) - 1);
  if (last === 0) return null;
  const at = Math.min(page.value, last);
  return (
    <nav class="pages" aria-label={`Pages of ${of}`}>
      <button type="button" class="button" disabled={at === 0} onClick={() => (page.value = at - 1)}>
        Previous
      </button>
      <span>
        {at * ROWS + 1} to {Math.min(count, (at + 1) * ROWS)} of {count}
      </span>
      <button type="button" class="button" disabled={at === last} onClick={() => (page.value = at + 1)}>
        Next
      </button>
    </nav>
  );
}
