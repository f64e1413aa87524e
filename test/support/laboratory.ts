import { ERROR_STATUS } from '../../agent/message/constants.ts';
import type { BoundModule, PreparedSet, RowSet, SetTest } from '../../agent/mib/module.ts';
import { SortedRows } from '../../agent/mib/rows.ts';
import type { Value } from '../../agent/mib/value.ts';
import { syntheticModule } from './synthetic-module.ts';

/** Root of the module below, in Net-SNMP's arc for experiments. */
export const LAB = '1.3.6.1.4.1.8072.9999.9999.77';

/** Where a change is to go wrong. */
export type Fault = 'test' | 'commit' | 'undo' | 'store' | 'finish';

interface Row {
  readonly id: number;
  name: string;
  state: number;
}

/**
 * A module with one object of each kind that the rules for requests tell apart, over state that can be
 * looked at. Objects lie at `${LAB}.<number>`; the table `guests` at 20 has the rows 1, 2 and 5.
 */
export class Laboratory {
  /** Values of the writable scalars. */
  readonly scalars: Record<string, Value> = {
    label: 'bench',
    level: 10,
    mode: 1,
    address: Uint8Array.of(10, 0, 0, 1),
    pointer: [0, 0],
    limit: 7,
    blob: Uint8Array.of(1, 2),
    wait: 100,
  };
  readonly rows = new SortedRows<Row>();
  /** What was done, in order: `commit level`, `undo level`, `finish level`. */
  readonly journal: string[] = [];
  /** Which step of a change of which object throws. */
  readonly faults = new Map<string, Fault>();
  readonly module: BoundModule;

  constructor() {
    for (const id of [1, 2, 5]) this.rows.set([id], { id, name: `guest-${id}`, state: 1 });
    this.module = this.#module();
  }

  /** All that can change, to compare before and after. */
  snapshot(): unknown {
    const rows = [0, 1, 2].map((position) => ({ ...this.rows.row(position) }));
    return structuredClone({ scalars: this.scalars, rows });
  }

  #module(): BoundModule {
    const writable = (name: string) => ({
      access: 'read-write' as const,
      read: () => this.scalars[name],
      testSet: (value: Value) => this.#testScalar(name, value),
    });
    return syntheticModule({
      root: LAB,
      scalars: {
        count: { at: 1, base: 'Integer32', read: () => 42 },
        label: {
          at: 2,
          base: 'OctetString',
          syntax: { convention: 'DisplayString', sizes: [[0, 16]] },
          ...writable('label'),
        },
        level: { at: 3, base: 'Integer32', syntax: { ranges: [[0, 100]] }, ...writable('level') },
        total: { at: 4, base: 'Counter64', read: () => 2n ** 63n },
        notifyOnly: { at: 5, base: 'Integer32', access: 'accessible-for-notify' },
        mode: { at: 6, base: 'Integer32', syntax: { enums: { on: 1, off: 2 } }, ...writable('mode') },
        address: { at: 7, base: 'IpAddress', ...writable('address') },
        pointer: { at: 8, base: 'ObjectIdentifier', ...writable('pointer') },
        limit: { at: 9, base: 'Unsigned32', ...writable('limit') },
        blob: { at: 10, base: 'Opaque', syntax: { sizes: [[2, 2]] }, ...writable('blob') },
        wait: { at: 11, base: 'TimeTicks', ...writable('wait') },
        last: { at: 40, base: 'Integer32', read: () => 99 },
      },
      tables: {
        guests: {
          at: 20,
          rows: this.rows,
          columns: {
            index: { at: 1, base: 'Integer32', access: 'not-accessible' },
            name: {
              at: 2,
              base: 'OctetString',
              access: 'read-create',
              syntax: { sizes: [[0, 8]] },
              read: (row: Row) => row.name,
            },
            secret: { at: 3, base: 'OctetString', access: 'accessible-for-notify' },
            octets: { at: 4, base: 'Counter64', read: (row: Row) => row.id },
            state: { at: 5, base: 'Integer32', access: 'read-create', read: (row: Row) => row.state },
            sparse: { at: 6, base: 'Integer32', read: (row: Row) => (row.id === 2 ? undefined : row.id) },
          },
          testSet: (request) => this.#testRow(request),
        },
        empty: {
          at: 30,
          rows: new SortedRows<Row>(),
          columns: { nothing: { at: 2, base: 'Integer32', read: (row: Row) => row.id } },
        },
      },
    });
  }

  #testScalar(name: string, value: Value): SetTest {
    if (name === 'level' && value === 99) return { refused: ERROR_STATUS.resourceUnavailable };
    if (name === 'level' && value === 98) return { refused: ERROR_STATUS.inconsistentValue };
    return this.#change(name, () => {
      const before = this.scalars[name]!;
      this.scalars[name] = value;
      return () => {
        this.scalars[name] = before;
      };
    });
  }

  #testRow({ row, values, index }: RowSet<Row>): SetTest {
    if (!row) return { refused: ERROR_STATUS.inconsistentName };
    if (values.get('state') === 13) return { refused: ERROR_STATUS.inconsistentValue, column: 'state' };
    return this.#change(`row ${index.join('.')}`, () => {
      const before = { ...row };
      const name = values.get('name');
      if (name !== undefined) row.name = Buffer.from(name as Uint8Array).toString('latin1');
      row.state = (values.get('state') as number | undefined) ?? row.state;
      return () => {
        Object.assign(row, before);
      };
    });
  }

  /** A change that keeps the journal and goes wrong where it is told to. */
  #change(name: string, make: () => () => void): PreparedSet {
    const step = (fault: Fault, act: () => void) => {
      if (this.faults.get(name) === fault) throw new Error(`${fault} of ${name} is made to fail`);
      act();
      if (fault !== 'test') this.journal.push(`${fault} ${name}`);
    };
    let takeBack = () => {};
    step('test', () => {});
    return {
      commit: () =>
        step('commit', () => {
          takeBack = make();
        }),
      undo: () => step('undo', () => takeBack()),
      store: () => step('store', () => {}),
      finish: () => step('finish', () => {}),
    };
  }
}
