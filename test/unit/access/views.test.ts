import { describe, expect, it } from 'vitest';
import { EVERYTHING, NOTHING, VERDICT, View, ViewCompiler } from '../../../agent/access/compiled-view.ts';
import type { ViewTree } from '../../../agent/access/view-tree.ts';
import { ERROR_STATUS } from '../../../agent/message/constants.ts';
import { type Rows, SortedRows } from '../../../agent/mib/rows.ts';
import type { Oid } from '../../../agent/util/oid.ts';
import { syntheticModule } from '../../support/synthetic-module.ts';
import { value, WIRE } from '../../support/wire.ts';
import { tree, ViewedAgent } from './viewed-agent.ts';

const ROOT = '1.3.6.1.4.1.8072.9999.9999.80';
const SCALAR = `${ROOT}.1`;
const WRITABLE = `${ROOT}.2`;
const ENTRY = `${ROOT}.3.1`;
const LAST = `${ROOT}.4`;
const WIDE = 100_000;

/** Rows that count how often they were looked at. */
class CountedRows implements Rows<number> {
  looks = 0;
  readonly #rows: Rows<number>;

  constructor(rows: Rows<number>) {
    this.#rows = rows;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    this.looks++;
    return this.#rows.find(ids, from, to);
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    this.looks++;
    return this.#rows.after(ids, from, to);
  }

  first(): number {
    this.looks++;
    return this.#rows.first();
  }

  next(position: number): number {
    this.looks++;
    return this.#rows.next(position);
  }

  row(position: number): number {
    this.looks++;
    return this.#rows.row(position);
  }

  appendIndex(...args: Parameters<Rows<number>['appendIndex']>): void {
    this.looks++;
    this.#rows.appendIndex(...args);
  }
}

/** Two columns with a row for each index, between scalars of which one can be set. */
function agent(indexes: readonly Oid[]) {
  const sorted = new SortedRows<number>();
  for (const [i, index] of indexes.entries()) sorted.set(index, i);
  const rows = new CountedRows(sorted);
  let held = 7;
  const module = syntheticModule({
    root: ROOT,
    scalars: {
      scalar: { at: 1, base: 'Integer32', read: () => 1 },
      writable: {
        at: 2,
        base: 'Integer32',
        access: 'read-write',
        read: () => held,
        testSet: (wanted) => {
          const before = held;
          return {
            commit: () => {
              held = wanted as number;
            },
            undo: () => {
              held = before;
            },
          };
        },
      },
      last: { at: 4, base: 'Integer32', read: () => 4 },
    },
    tables: {
      table: {
        at: 3,
        rows,
        columns: {
          one: { at: 1, base: 'Integer32', read: (row: number) => row },
          two: { at: 2, base: 'Integer32', read: (row: number) => -row },
        },
      },
    },
  });
  return { rows, viewed: new ViewedAgent([module]) };
}

const small = [[1], [2], [5]];
const verdicts = (seen: ViewTree) => {
  const { leaves } = agent(small).viewed.registry;
  const view = new View(leaves, seen);
  return Object.fromEntries(leaves.map(({ name }, i) => [name, view.verdicts[i]]));
};

describe('what a view says of an object', () => {
  const all = (verdict: number) => ({
    scalar: verdict,
    writable: verdict,
    one: verdict,
    two: verdict,
    last: verdict,
  });

  it('is the same for all of them in everything and in nothing', () => {
    expect(verdicts(EVERYTHING)).toEqual(all(VERDICT.in));
    expect(verdicts(NOTHING)).toEqual(all(VERDICT.out));
    expect(verdicts(tree('+1.3.6'))).toEqual(all(VERDICT.in));
    expect(verdicts(tree('+1.3.6', `-${ROOT}`))).toEqual(all(VERDICT.out));
  });

  it('is in part only where families reach into its instances and differ', () => {
    expect(verdicts(tree(`+${ENTRY}`, `-${ENTRY}.2.5`))).toEqual({
      ...all(VERDICT.out),
      one: VERDICT.in,
      two: VERDICT.partial,
    });
    expect(verdicts(tree('+1', `+${ENTRY}.1.5`, `+${ENTRY}.1.5.1`))).toEqual(all(VERDICT.in));
    expect(verdicts(tree(`-${ENTRY}.1.5`))).toEqual(all(VERDICT.out));
  });

  it('is decided for a scalar, which has one instance', () => {
    expect(verdicts(tree(`+${SCALAR}.0`, '+1.3.6.1.4', `-${LAST}.0`, `-${WRITABLE}.1`))).toEqual({
      ...all(VERDICT.in),
      last: VERDICT.out,
    });
  });

  it('sees through a mask that leaves the column open', () => {
    // Row 5, whatever the column: of 13 sub-identifiers the last but one is open.
    expect(verdicts(tree(`+${ENTRY}.0.5/fff7`))).toEqual({
      ...all(VERDICT.out),
      one: VERDICT.partial,
      two: VERDICT.partial,
    });
  });

  it('is worked out once for each tree', () => {
    const compiler = new ViewCompiler(agent(small).viewed.registry);
    const seen = tree('+1');
    expect(compiler.compile(seen)).toBe(compiler.compile(seen));
    expect(compiler.compile(tree('+1'))).not.toBe(compiler.compile(seen));
  });
});

describe('GET through a view (RFC 3416 section 4.2.1)', () => {
  it('answers noSuchObject where no instance of the object is in it, noSuchInstance where only this one is not', () => {
    const { viewed } = agent(small);
    const seen = tree('+1', `-${SCALAR}`, `-${ENTRY}.1`, `-${ENTRY}.2.5`);
    const names = [`${SCALAR}.0`, `${ENTRY}.1.1`, `${ENTRY}.2.5`, `${ENTRY}.2.3`, `${ENTRY}.2.2`];
    expect(viewed.ask(seen, WIRE.get, names).varbinds.map((varbind) => varbind.value)).toEqual([
      value.noSuchObject,
      value.noSuchObject,
      value.noSuchInstance,
      value.noSuchInstance,
      value.integer(-1),
    ]);
  });

  it('answers noSuchName to SNMPv1, with the index of the first that is not in it', () => {
    const { viewed } = agent(small);
    const names = [`${SCALAR}.0`, `${ENTRY}.2.5`, `${LAST}.0`];
    const answer = viewed.ask(tree('+1', `-${ENTRY}.2.5`), WIRE.get, names, { version: 0 });
    expect(answer).toMatchObject({ fieldA: ERROR_STATUS.noSuchName, fieldB: 2 });
  });
});

describe('SET through a view (RFC 3416 section 4.2.5 step 1)', () => {
  const set = (seen: ViewTree, ...names: string[]) => {
    const { viewed } = agent(small);
    const bindings = names.map((oid) => ({ oid, value: value.integer(9) }));
    const { fieldA, fieldB } = viewed.ask(seen, WIRE.set, bindings);
    const [held] = viewed.ask(EVERYTHING, WIRE.get, [`${WRITABLE}.0`]).varbinds;
    return { status: fieldA, index: fieldB, held: held!.value };
  };

  it('sets what is in it', () => {
    expect(set(tree(`+${WRITABLE}`), `${WRITABLE}.0`)).toEqual({
      status: 0,
      index: 0,
      held: value.integer(9),
    });
  });

  it.each([
    ['a variable outside', tree('+1', `-${WRITABLE}`), `${WRITABLE}.0`],
    ['one instance outside', tree('+1', `-${WRITABLE}.0`), `${WRITABLE}.0`],
    ['a variable that could not be set in any case', tree(`+${WRITABLE}`), `${SCALAR}.0`],
    ['a name that nothing is registered under', tree(`+${WRITABLE}`), '1.3.6.1.2.1.1.99.0'],
    ['anything when nothing is in it', NOTHING, `${WRITABLE}.0`],
  ])('answers noAccess to %s', (_what, seen, name) => {
    const untouched = { held: value.integer(7) };
    expect(set(seen, name)).toEqual({ status: ERROR_STATUS.noAccess, index: 1, ...untouched });
    if (name !== `${WRITABLE}.0`) {
      expect(set(seen, `${WRITABLE}.0`, name)).toEqual({
        status: ERROR_STATUS.noAccess,
        index: 2,
        ...untouched,
      });
    }
  });

  it('says notWritable only of what is in it', () => {
    expect(set(EVERYTHING, `${SCALAR}.0`)).toMatchObject({ status: ERROR_STATUS.notWritable, index: 1 });
  });
});

describe('GETNEXT over 100,000 rows that a view hides', () => {
  const indexes = Array.from({ length: WIDE }, (_, i) => [Math.floor(i / 1000) + 1, (i % 1000) + 1]);
  const { rows, viewed } = agent(indexes);
  const step = (seen: ViewTree, from: string) => {
    rows.looks = 0;
    const [varbind] = viewed.ask(seen, WIRE.getNext, [from]).varbinds;
    return { next: varbind?.oid, looks: rows.looks };
  };

  it('does not look at a table that is outside', () => {
    expect(step(tree('+1', `-${ENTRY}`), `${WRITABLE}.0`)).toEqual({ next: `${LAST}.0`, looks: 0 });
    // From inside the table it is one search that finds nothing of use.
    expect(step(tree('+1', `-${ENTRY}`), `${ENTRY}.1.50.1`)).toEqual({ next: `${LAST}.0`, looks: 1 });
  });

  it.each([
    ['to the only row of a subtree', tree(`+${ENTRY}.2.77.5`), `${ENTRY}.2`, `${ENTRY}.2.77.5`],
    ['behind it to the end of the view', tree(`+${ENTRY}.2.77.5`), `${ENTRY}.2.77.5`, `${ENTRY}.2.77.5`],
    ['to all rows below a prefix', tree(`+${ENTRY}.1.77`), WRITABLE, `${ENTRY}.1.77.1`],
    ['over a prefix', tree('+1', `-${ENTRY}.1.77`), `${ENTRY}.1.76.1000`, `${ENTRY}.1.78.1`],
    ['over all of a column but its end', tree(`+${ENTRY}.1.100.1000`), ROOT, `${ENTRY}.1.100.1000`],
    [
      'to a row in every column, by a mask',
      tree(`+${ENTRY}.0.50.7/fff7`),
      `${ENTRY}.1.50.7`,
      `${ENTRY}.2.50.7`,
    ],
    // .x.500 for any x: the first sub-identifier of the index is open.
    [
      'to the next one of rows that a mask picks',
      tree(`+${ENTRY}.1.0.500/fffb`),
      `${ENTRY}.1.7.500`,
      `${ENTRY}.1.8.500`,
    ],
    ['to a row before which none exists', tree(`+${ENTRY}.1.0.2000/fffb`, `+${LAST}`), ROOT, `${LAST}.0`],
  ])('jumps %s', (_what, seen, from, wanted) => {
    const { next, looks } = step(seen, from);
    expect(next).toBe(wanted);
    // A jump for each of 100 numbers of the first index part at most, where a scan looks at 100,000 rows.
    expect(looks).toBeLessThan(1500);
  });

  it('takes a handful of looks where the families name the row', () => {
    expect(step(tree(`+${ENTRY}.2.77.5`), ROOT).looks).toBeLessThan(20);
    expect(step(tree('+1', `-${ENTRY}.1.77`), `${ENTRY}.1.76.1000`).looks).toBeLessThan(20);
  });
});

describe('GETNEXT over rows that a mask hides without telling them apart', () => {
  const indexes = Array.from({ length: 5000 }, (_, i) => [i >> 1, i % 7]);
  const { rows, viewed } = agent(indexes);

  it('looks at each, and goes back to jumping where that helps', () => {
    // .x.6 for any x: in every seventh row; .x.9: in none.
    const sixes = indexes.filter(([, last]) => last === 6);
    const seen = viewed.walk(tree(`+${ENTRY}.1.0.6/fffb`));
    expect(seen.map(({ oid }) => oid)).toEqual(sixes.map((index) => `${ENTRY}.1.${index.join('.')}`));
    rows.looks = 0;
    expect(viewed.walk(tree(`+${ENTRY}.1.0.9/fffb`))).toEqual([]);
    expect(rows.looks).toBeGreaterThan(indexes.length);
    expect(rows.looks).toBeLessThan(indexes.length * 2.5);
  });
});

describe('families that overlap so much that the search for the next name is given up', () => {
  const indexes = Array.from({ length: 300 }, (_, i) =>
    Array.from({ length: 16 }, (__, j) => (i >> (j % 9)) & 1),
  );
  const { viewed } = agent(indexes);
  // Column 1 has 13 sub-identifiers; behind them each mask leaves open all but one.
  const masked = (sign: string, subid: number, exact: number) => {
    const bits = `${'1'.repeat(13)}${Array.from({ length: 16 }, (_, j) => (j === exact ? 1 : 0)).join('')}000`;
    const mask = Number.parseInt(bits, 2).toString(16);
    return `${sign}${ENTRY}.1${`.${subid}`.repeat(16)}/${mask}`;
  };
  const shown = Array.from({ length: 16 }, (_, i) => masked('+', i < 2 ? 1 : 5, i));

  it('are seen through like any others', () => {
    const first = ([one, two]: Oid) => one === 1 || two === 1;
    const wanted = indexes.filter(first).map((index) => `${ENTRY}.1.${index.join('.')}`);
    const seen = viewed.walk(tree(...shown)).map(({ oid }) => oid);
    expect(new Set(seen)).toEqual(new Set(wanted));
    expect(seen.length).toBeGreaterThan(100);
  });

  it('hide all when one that hides all decides', () => {
    expect(viewed.walk(tree(...shown, masked('-', 9, -1)))).toEqual([]);
    expect(viewed.walk(tree(...shown, masked('-', 9, -1), `+${LAST}`)).map(({ oid }) => oid)).toEqual([
      `${LAST}.0`,
    ]);
  });
});
