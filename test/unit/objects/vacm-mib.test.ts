import { beforeEach, describe, expect, it } from 'vitest';
import { presetAccess, presetFamilies } from '../../../agent/access/presets.ts';
import { Vacm } from '../../../agent/access/vacm.ts';
import { SECURITY_LEVEL } from '../../../agent/access/vacm-rows.ts';
import { ROW_STATUS, STORAGE_TYPE } from '../../../agent/mib/managed-table.ts';
import type { PreparedSet } from '../../../agent/mib/module.ts';
import { vacmMib } from '../../../agent/objects/vacm-mib.ts';
import { TestAgent } from '../../support/test-agent.ts';
import { value, WIRE, type WireValue } from '../../support/wire.ts';

const MIB = '1.3.6.1.6.3.16.1';
const GROUP = `${MIB}.2.1`;
const ACCESS = `${MIB}.4.1`;
const FAMILY = `${MIB}.5.2.1`;
const text = (name: string) => [Buffer.byteLength(name), ...Buffer.from(name)].join('.');
/** Indexes of the three tables. */
const BERT = `3.${text('bert')}`;
const RIGHT = `${text('crew')}.0.3.3`;
const FEW = `${text('few')}.3.1.3.6`;

/** RowStatus and error-status by their names, as far as they are needed here. */
const { createAndGo, createAndWait, active, notInService, notReady, destroy } = ROW_STATUS;
const [NO_ERROR, WRONG_LENGTH, WRONG_VALUE, NO_CREATION, INCONSISTENT, NOT_WRITABLE, NO_NAME] = [
  0, 8, 10, 11, 12, 17, 18,
];

let vacm: Vacm;
let kept: PreparedSet[];
let agent: TestAgent;
beforeEach(() => {
  vacm = new Vacm();
  const row = { storageType: STORAGE_TYPE.permanent, status: ROW_STATUS.active } as const;
  vacm.configure({
    contexts: ['', 'other', 'b'],
    groups: [{ securityModel: 3, securityName: 'admin', groupName: 'admin', ...row }],
    access: [presetAccess('admin', { securityModel: 3, securityLevel: SECURITY_LEVEL.authPriv })],
    families: presetFamilies(),
  });
  kept = [];
  const keep = (change: PreparedSet) => {
    kept.push(change);
    return change;
  };
  agent = new TestAgent([vacmMib(vacm, keep, (count) => new Uint8Array(count))]);
});

/** Sets one variable after another in one request; error-status and the index of what is to blame. */
function set(...bindings: [oid: string, bound: WireValue][]): [number, number] {
  const answer = agent.ask(
    WIRE.set,
    bindings.map(([oid, bound]) => ({ oid, value: bound })),
  )!;
  return [answer.status, answer.index];
}

const get = (oid: string) => agent.ask(WIRE.get, [oid])!.varbinds[0]!.value;

describe('vacmContextTable', () => {
  it('lists the contexts in the order of their names, and follows a configuration', () => {
    const walk = () => {
      const { varbinds } = agent.ask(WIRE.getBulk, [`${MIB}.1.1.1`], { fieldB: 4 })!;
      return varbinds.map(({ oid }) => oid).filter((oid) => oid.startsWith(`${MIB}.1.`));
    };
    expect(walk()).toEqual(['', 'b', 'other'].map((name) => `${MIB}.1.1.1.${text(name)}`));
    expect(get(`${MIB}.1.1.1.${text('other')}`)).toEqual(value.octets('other'));
    vacm.configure({ contexts: ['', 'new'], groups: [], access: [], families: [] });
    expect(walk()).toEqual(['', 'new'].map((name) => `${MIB}.1.1.1.${text(name)}`));
  });

  it('cannot be set', () => {
    expect(set([`${MIB}.1.1.1.0`, value.octets('')])).toEqual([NOT_WRITABLE, 1]);
  });
});

describe('vacmSecurityToGroupTable', () => {
  const name = `${GROUP}.3.${BERT}`;
  const status = `${GROUP}.5.${BERT}`;

  it('takes a row at once, with its storage non-volatile', () => {
    expect(set([status, value.integer(createAndGo)], [name, value.octets('crew')])).toEqual([NO_ERROR, 0]);
    expect([get(name), get(`${GROUP}.4.${BERT}`), get(status)]).toEqual([
      value.octets('crew'),
      value.integer(STORAGE_TYPE.nonVolatile),
      value.integer(active),
    ]);
    expect(kept).toHaveLength(1);
  });

  it('has a row that lacks its group not ready, and lets it be finished in any order', () => {
    expect(set([status, value.integer(createAndGo)])).toEqual([INCONSISTENT, 1]);
    expect(set([status, value.integer(createAndWait)])).toEqual([NO_ERROR, 0]);
    expect(get(status)).toEqual(value.integer(notReady));
    expect(set([status, value.integer(active)])).toEqual([INCONSISTENT, 1]);
    expect(set([name, value.octets('crew')])).toEqual([NO_ERROR, 0]);
    expect(get(status)).toEqual(value.integer(notInService));
    expect(set([status, value.integer(active)])).toEqual([NO_ERROR, 0]);
    // RFC 3415: the other objects may be changed whatever the status.
    expect(set([name, value.octets('other')])).toEqual([NO_ERROR, 0]);
    expect(set([status, value.integer(destroy)])).toEqual([NO_ERROR, 0]);
    expect(vacm.groups.size).toBe(1);
  });

  it.each<[string, string, string, WireValue, number]>([
    ['an empty group name', '3', BERT, value.octets(''), WRONG_LENGTH],
    ['a group name of 33 octets', '3', BERT, value.octets('x'.repeat(33)), WRONG_LENGTH],
    ['a group name that is no UTF-8', '3', BERT, value.octets('\xff'), WRONG_VALUE],
    ['a security model 0', '5', `0.${text('bert')}`, value.integer(createAndGo), NO_CREATION],
    ['an empty security name', '5', '3.0', value.integer(createAndGo), NO_CREATION],
    [
      'a security name of 33 octets',
      '5',
      `3.${text('x'.repeat(33))}`,
      value.integer(createAndGo),
      NO_CREATION,
    ],
    ['an index that is cut short', '5', '3.4.98', value.integer(createAndGo), NO_CREATION],
    ['an index that goes on', '5', `${BERT}.0`, value.integer(createAndGo), NO_CREATION],
    ['a status 7', '5', BERT, value.integer(7), WRONG_VALUE],
    ['status notReady', '5', BERT, value.integer(notReady), WRONG_VALUE],
    ['a group without a row', '3', BERT, value.octets('crew'), NO_NAME],
  ])('refuses %s', (_what, column, index, bound, error) => {
    expect(set([`${GROUP}.${column}.${index}`, bound])).toEqual([error, 1]);
    expect([vacm.groups.size, kept.length]).toEqual([1, 0]);
  });

  it('refuses a name that is no UTF-8 in the index', () => {
    const index = '3.1.255';
    const both = set(
      [`${GROUP}.3.${index}`, value.octets('crew')],
      [`${GROUP}.5.${index}`, value.integer(createAndGo)],
    );
    expect(both).toEqual([NO_NAME, 1]);
  });

  it('blames the column that is wrong', () => {
    const storage = `${GROUP}.4.${BERT}`;
    const row: [string, WireValue][] = [
      [status, value.integer(createAndGo)],
      [name, value.octets('crew')],
    ];
    expect(set(...row, [storage, value.integer(STORAGE_TYPE.permanent)])).toEqual([WRONG_VALUE, 3]);
    expect(set([name, value.octets('crew')], [status, value.integer(active)])).toEqual([INCONSISTENT, 2]);
  });

  it('lets a configured row be changed, and not be removed', () => {
    const admin = `3.${text('admin')}`;
    expect(set([`${GROUP}.5.${admin}`, value.integer(destroy)])).toEqual([INCONSISTENT, 1]);
    expect(set([`${GROUP}.4.${admin}`, value.integer(STORAGE_TYPE.volatile)])).toEqual([WRONG_VALUE, 1]);
    expect(set([`${GROUP}.3.${admin}`, value.octets('crew')])).toEqual([NO_ERROR, 0]);
    expect(vacm.snapshot().groups).toMatchObject([{ securityName: 'admin', groupName: 'crew' }]);
  });
});

describe('vacmAccessTable', () => {
  it('has a default for each column', () => {
    expect(set([`${ACCESS}.9.${RIGHT}`, value.integer(createAndGo)])).toEqual([NO_ERROR, 0]);
    const row = [4, 5, 6, 7, 8, 9].map((column) => get(`${ACCESS}.${column}.${RIGHT}`));
    const [exact, nothing] = [value.integer(1), value.octets('')];
    expect(row).toEqual([exact, nothing, nothing, nothing, value.integer(3), value.integer(active)]);
  });

  it('takes each column', () => {
    const columns: [number, WireValue][] = [
      [4, value.integer(2)],
      [5, value.octets('r')],
      [6, value.octets('w')],
      [7, value.octets('\xc3\xbc')],
      [8, value.integer(STORAGE_TYPE.volatile)],
      [9, value.integer(createAndWait)],
    ];
    expect(
      set(
        ...columns.map(([column, bound]) => [`${ACCESS}.${column}.${RIGHT}`, bound] as [string, WireValue]),
      ),
    ).toEqual([NO_ERROR, 0]);
    expect(Array.from(vacm.access).find(({ groupName }) => groupName === 'crew')).toEqual({
      groupName: 'crew',
      contextPrefix: '',
      securityModel: 3,
      securityLevel: 3,
      contextMatch: 'prefix',
      readView: 'r',
      writeView: 'w',
      notifyView: 'ü',
      storageType: STORAGE_TYPE.volatile,
      status: notInService,
    });
    // Volatile: not to be stored.
    expect(vacm.snapshot().access).toEqual([]);
  });

  it.each([
    ['a context match 3', 4, RIGHT, value.integer(3), WRONG_VALUE],
    ['a view of 33 octets', 5, RIGHT, value.octets('x'.repeat(33)), WRONG_LENGTH],
    ['a security level 4', 9, `${text('crew')}.0.3.4`, value.integer(createAndGo), NO_NAME],
    ['a security level 0', 9, `${text('crew')}.0.3.0`, value.integer(createAndGo), NO_NAME],
    ['an empty group', 9, '0.0.3.3', value.integer(createAndGo), NO_CREATION],
    [
      'a prefix of 33 octets',
      9,
      `${text('crew')}.${text('x'.repeat(33))}.3.3`,
      value.integer(createAndGo),
      NO_CREATION,
    ],
  ] as const)('refuses %s', (_what, column, index, bound, error) => {
    expect(set([`${ACCESS}.${column}.${index}`, bound])).toEqual([error, 1]);
    expect(kept).toEqual([]);
  });
});

describe('vacmViewTreeFamilyTable', () => {
  it('has a default for each column', () => {
    expect(set([`${FAMILY}.6.${FEW}`, value.integer(createAndGo)])).toEqual([NO_ERROR, 0]);
    expect([3, 4, 5, 6].map((column) => get(`${FAMILY}.${column}.${FEW}`))).toEqual([
      value.octets(''),
      value.integer(1),
      value.integer(STORAGE_TYPE.nonVolatile),
      value.integer(active),
    ]);
    expect(vacm.view('few')!.inView([1, 3, 6, 1], 0, 4)).toBe(true);
  });

  it('takes a mask of 16 octets and excluded, from the next request on', () => {
    const mask = String.fromCharCode(...Array.from({ length: 16 }, (_, i) => i * 17));
    const bound = set(
      [`${FAMILY}.6.${FEW}`, value.integer(createAndGo)],
      [`${FAMILY}.3.${FEW}`, value.octets(mask)],
      [`${FAMILY}.4.${FEW}`, value.integer(2)],
    );
    expect([bound, get(`${FAMILY}.3.${FEW}`)]).toEqual([[NO_ERROR, 0], value.octets(mask)]);
    expect(vacm.view('few')!.inView([1, 3, 6, 1], 0, 4)).toBe(false);
    expect(set([`${FAMILY}.6.${FEW}`, value.integer(notInService)])).toEqual([NO_ERROR, 0]);
    expect(vacm.view('few')).toBeUndefined();
  });

  it.each([
    ['a mask of 17 octets', 3, FEW, value.octets('x'.repeat(17)), WRONG_LENGTH],
    ['a type 0', 4, FEW, value.integer(0), WRONG_VALUE],
    ['a subtree without sub-identifiers', 6, `${text('few')}.0`, value.integer(createAndGo), NO_NAME],
    ['a subtree that is cut short', 6, `${text('few')}.4.1.3`, value.integer(createAndGo), NO_CREATION],
  ] as const)('refuses %s', (_what, column, index, bound, error) => {
    expect(set([`${FAMILY}.${column}.${index}`, bound])).toEqual([error, 1]);
    expect(kept).toEqual([]);
  });
});

it('vacmViewSpinLock is advisory: with a wrong value the whole request fails, without one nothing asks', () => {
  const lock = `${MIB}.5.1.0`;
  const create: [string, WireValue] = [`${FAMILY}.6.${FEW}`, value.integer(createAndGo)];
  expect(get(lock)).toEqual(value.integer(0));
  expect(set(create, [lock, value.integer(1)])).toEqual([INCONSISTENT, 2]);
  expect(vacm.view('few')).toBeUndefined();
  expect(set([lock, value.integer(0)], create)).toEqual([NO_ERROR, 0]);
  expect([get(lock), vacm.view('few') === undefined]).toEqual([value.integer(1), false]);
});
