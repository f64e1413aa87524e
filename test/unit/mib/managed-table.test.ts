import { describe, expect, it } from 'vitest';
import { GROUP_RULES, type GroupRow } from '../../../agent/access/vacm-rows.ts';
import { ERROR_STATUS } from '../../../agent/message/constants.ts';
import {
  ManagedTable,
  ROW_STATUS,
  type RowChange,
  type RowState,
  STORAGE_TYPE,
  type StorageType,
} from '../../../agent/mib/managed-table.ts';

const { active, notInService, notReady, createAndGo, createAndWait, destroy } = ROW_STATUS;
/** Security name `ann` under USM. */
const INDEX = [3, 3, 97, 110, 110];

function row(status: RowState, storageType: StorageType = STORAGE_TYPE.nonVolatile): GroupRow {
  const groupName = status === notReady ? '' : 'staff';
  return { securityModel: 3, securityName: 'ann', groupName, storageType, status };
}

function tableWith(...rows: GroupRow[]): ManagedTable<GroupRow> {
  const table = new ManagedTable(GROUP_RULES);
  table.restore(rows);
  return table;
}

/** What becomes of a row: its status, `gone`, or the name of the error with the column to blame. */
function outcome(table: ManagedTable<GroupRow>, change: RowChange<GroupRow>, index = INDEX): unknown {
  const prepared = table.prepare(index, change);
  if ('refused' in prepared) {
    const [name] = Object.entries(ERROR_STATUS).find(([, code]) => code === prepared.refused)!;
    return prepared.column === undefined ? name : `${name} ${prepared.column}`;
  }
  prepared.commit();
  return table.get(index)?.status ?? 'gone';
}

describe('RowStatus (RFC 2579 section 2)', () => {
  const named = { groupName: 'staff' };
  const none: RowState | undefined = undefined;

  it.each<[string, RowState | undefined, RowChange<GroupRow>, unknown]>([
    ['createAndGo makes a whole row active', none, { ...named, status: createAndGo }, active],
    ['createAndGo of half a row', none, { status: createAndGo }, 'inconsistentValue status'],
    ['createAndWait of a whole row', none, { ...named, status: createAndWait }, notInService],
    ['createAndWait of half a row', none, { status: createAndWait }, notReady],
    ['active of a row that is not there', none, { ...named, status: active }, 'inconsistentValue status'],
    ['notInService of a row that is not there', none, { status: notInService }, 'inconsistentValue status'],
    ['a column of a row that is not there', none, named, 'inconsistentName'],
    ['destroy of a row that is not there', none, { status: destroy }, 'gone'],
    [
      'createAndGo of a row that is there',
      active,
      { ...named, status: createAndGo },
      'inconsistentValue status',
    ],
    ['createAndWait of a row that is there', notReady, { status: createAndWait }, 'inconsistentValue status'],
    ['active of half a row', notReady, { status: active }, 'inconsistentValue status'],
    ['active with what was missing', notReady, { ...named, status: active }, active],
    ['what was missing', notReady, named, notInService],
    ['something else', notReady, { storageType: STORAGE_TYPE.volatile }, notReady],
    ['notInService of half a row', notReady, { status: notInService }, 'inconsistentValue status'],
    ['active of a row that waits', notInService, { status: active }, active],
    ['notInService of an active row', active, { status: notInService }, notInService],
    ['a column of an active row', active, { groupName: 'other' }, active],
    ['a column of a row that waits', notInService, { groupName: 'other' }, notInService],
    ['notReady of a row that is there', active, { status: notReady }, 'wrongValue status'],
    ['notReady of one that is not', none, { status: notReady }, 'wrongValue status'],
    ['destroy of an active row', active, { status: destroy }, 'gone'],
    ['destroy of half a row', notReady, { status: destroy }, 'gone'],
  ])('%s, from %s', (_what, before, change, wanted) => {
    expect(outcome(before === undefined ? tableWith() : tableWith(row(before)), change)).toBe(wanted);
  });

  it('makes no row for an index that none can have', () => {
    const change = { groupName: 'staff', status: createAndGo };
    for (const index of [
      [],
      [3],
      [3, 0],
      [0, 1, 97],
      [3, 3, 97, 110],
      [3, 1, 97, 110],
      [3, 1, 256],
      [3, 1, 0xff],
    ]) {
      expect(outcome(tableWith(), change, index)).toBe('inconsistentName');
    }
    const long = [3, 33, ...Array<number>(33).fill(97)];
    expect(outcome(tableWith(), change, long)).toBe('inconsistentName');
    expect(outcome(tableWith(), change, [3, 32, ...long.slice(2, 34)])).toBe(active);
  });

  it('makes no more rows than the table has room for', () => {
    const table = new ManagedTable(GROUP_RULES, 2);
    const change = { groupName: 'staff', status: createAndGo };
    expect([97, 98, 99].map((name) => outcome(table, change, [3, 1, name]))).toEqual([
      active,
      active,
      'resourceUnavailable',
    ]);
  });
});

describe('StorageType (RFC 2579 section 2)', () => {
  const { other, volatile, nonVolatile, permanent, readOnly } = STORAGE_TYPE;

  it.each<[StorageType, RowChange<GroupRow>, unknown]>([
    [nonVolatile, { storageType: volatile }, active],
    [volatile, { storageType: nonVolatile }, active],
    [nonVolatile, { storageType: permanent }, 'wrongValue storageType'],
    [nonVolatile, { storageType: readOnly }, 'wrongValue storageType'],
    [nonVolatile, { storageType: other }, 'wrongValue storageType'],
    [permanent, { storageType: permanent }, 'wrongValue storageType'],
    [permanent, { storageType: volatile }, 'wrongValue storageType'],
    [permanent, { groupName: 'other' }, active],
    [permanent, { status: notInService }, notInService],
    [permanent, { status: destroy }, 'inconsistentValue status'],
    [readOnly, { groupName: 'other' }, 'notWritable groupName'],
    [readOnly, { status: destroy }, 'notWritable status'],
    [readOnly, { storageType: volatile }, 'notWritable storageType'],
  ])('of a row with %i allows %o or not', (storageType, change, wanted) => {
    expect(outcome(tableWith(row(active, storageType)), change)).toBe(wanted);
  });

  it('of a new row is what its creator wants, of the two that there are to choose from', () => {
    const change = { groupName: 'staff', status: createAndGo };
    const table = tableWith();
    expect(outcome(table, { ...change, storageType: permanent })).toBe('wrongValue storageType');
    expect(outcome(table, { ...change, storageType: volatile })).toBe(active);
    expect(table.get(INDEX)?.storageType).toBe(volatile);
  });
});

describe('a prepared change', () => {
  const change = { groupName: 'other', status: notInService };

  it('changes nothing until it is committed, and is taken back by undo', () => {
    const before = row(active);
    const table = tableWith(before);
    const prepared = table.prepare(INDEX, change);
    expect(table.get(INDEX)).toBe(before);
    if ('refused' in prepared) throw new Error('refused');
    prepared.commit();
    expect(table.get(INDEX)).toEqual({ ...before, ...change });
    prepared.undo();
    expect(table.get(INDEX)).toBe(before);
  });

  it('takes back a creation and a removal', () => {
    const before = row(active);
    const table = tableWith(before);
    for (const [index, wanted] of [
      [INDEX, { status: destroy }],
      [[3, 1, 98], { groupName: 'staff', status: createAndGo }],
    ] as const) {
      const prepared = table.prepare(index, wanted);
      if ('refused' in prepared) throw new Error('refused');
      const changes = table.changes;
      prepared.commit();
      expect([...table]).not.toEqual([before]);
      prepared.undo();
      expect([...table]).toEqual([before]);
      expect(table.changes).toBeGreaterThan(changes);
    }
  });
});

describe('two prepared changes of one row', () => {
  const prepare = (table: ManagedTable<GroupRow>, change: RowChange<GroupRow>, index = INDEX) => {
    const prepared = table.prepare(index, change);
    if ('refused' in prepared) throw new Error('refused');
    return prepared;
  };

  it('are both made, and taken back one by one', () => {
    const before = row(active);
    const table = tableWith(before);
    const first = prepare(table, { groupName: 'other' });
    const second = prepare(table, { storageType: STORAGE_TYPE.volatile });
    first.commit();
    second.commit();
    expect(table.get(INDEX)).toEqual({ ...before, groupName: 'other', storageType: STORAGE_TYPE.volatile });
    second.undo();
    expect(table.get(INDEX)).toEqual({ ...before, groupName: 'other' });
    first.undo();
    expect(table.get(INDEX)).toBe(before);
  });

  it('do not bring back what one of them removes', () => {
    const table = tableWith(row(active));
    const remove = prepare(table, { status: destroy });
    const change = prepare(table, { groupName: 'other' });
    remove.commit();
    expect(() => change.commit()).toThrow('removed by the same request');
    expect(table.size).toBe(0);
  });

  it('do not make more rows than there is room for', () => {
    const table = new ManagedTable(GROUP_RULES, 1);
    const made = { groupName: 'staff', status: createAndGo };
    const [first, second] = [prepare(table, made), prepare(table, made, [3, 1, 98])];
    first.commit();
    expect(() => second.commit()).toThrow('full with 1 rows');
    expect(table.size).toBe(1);
  });
});

describe('configured rows', () => {
  const configured = row(active, STORAGE_TYPE.permanent);

  it('are not stored until a manager has changed them', () => {
    const table = new ManagedTable(GROUP_RULES);
    table.configure([configured]);
    expect(table.durable()).toEqual([]);
    outcome(table, { groupName: 'other' });
    expect(table.durable()).toEqual([{ ...configured, groupName: 'other' }]);
  });

  it('go with the configuration that had them, and those of managers stay', () => {
    const table = new ManagedTable(GROUP_RULES);
    table.configure([configured, { ...configured, securityName: 'bob' }]);
    outcome(table, { groupName: 'other' });
    outcome(table, { groupName: 'staff', status: createAndGo }, [3, 1, 99]);
    table.configure([configured]);
    expect([...table].map(({ securityName, groupName }) => [securityName, groupName])).toEqual([
      ['c', 'staff'],
      ['ann', 'other'],
    ]);
    table.configure([{ ...configured, storageType: STORAGE_TYPE.readOnly }]);
    expect(table.get(INDEX)?.groupName).toBe('staff');
  });

  it('that are readOnly are not replaced by stored ones', () => {
    const table = new ManagedTable(GROUP_RULES);
    table.configure([{ ...configured, storageType: STORAGE_TYPE.readOnly }]);
    table.restore([{ ...configured, groupName: 'other' }]);
    expect(table.get(INDEX)?.groupName).toBe('staff');
  });

  it('leave out what is volatile when they are stored', () => {
    const table = tableWith();
    outcome(table, { groupName: 'staff', status: createAndGo, storageType: STORAGE_TYPE.volatile });
    expect(table.size).toBe(1);
    expect(table.durable()).toEqual([]);
  });
});
