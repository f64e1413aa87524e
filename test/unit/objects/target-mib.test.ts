import { beforeEach, describe, expect, it } from 'vitest';
import { ROW_STATUS } from '../../../agent/mib/managed-table.ts';
import type { PreparedSet } from '../../../agent/mib/module.ts';
import type { AddressRow } from '../../../agent/notify/target-rows.ts';
import { TargetTables } from '../../../agent/notify/target-tables.ts';
import { notificationMib } from '../../../agent/objects/notification-mib.ts';
import { targetMib } from '../../../agent/objects/target-mib.ts';
import { NOTIFICATION } from '../../support/notify-laboratory.ts';
import { TestAgent } from '../../support/test-agent.ts';
import { value, WIRE, type WireValue } from '../../support/wire.ts';

const ADDRESS = '1.3.6.1.6.3.12.1.2.1';
const PARAMS = '1.3.6.1.6.3.12.1.3.1';
const NOTIFY = '1.3.6.1.6.3.13.1.1.1';
const PROFILE = '1.3.6.1.6.3.13.1.2.1';
const FILTER = '1.3.6.1.6.3.13.1.3.1';
/** IMPLIED: without its length. */
const text = (name: string) => Array.from(Buffer.from(name)).join('.');

const { createAndGo, createAndWait, active, notInService, notReady, destroy } = ROW_STATUS;
const [NO_ERROR, WRONG_LENGTH, WRONG_VALUE, INCONSISTENT, NOT_WRITABLE, NO_NAME] = [0, 8, 10, 12, 17, 18];

const UDP = value.oid('1.3.6.1.6.1.1');
const LOOPBACK_162 = value.octets('\x7f\x00\x00\x01\x00\xa2');

let tables: TargetTables;
let kept: PreparedSet[];
let agent: TestAgent;
beforeEach(() => {
  tables = new TargetTables();
  kept = [];
  const keep = (change: PreparedSet) => {
    kept.push(change);
    return change;
  };
  const octets = (count: number) => new Uint8Array(count);
  agent = new TestAgent([targetMib(tables, agentCounters(), keep, octets), notificationMib(tables, keep)]);
});

function agentCounters() {
  return Object.assign(Object.create(null), { unknownContexts: 7 });
}

/** Sets one variable after another in one request; error-status and the index of what is to blame. */
function set(...bindings: [oid: string, bound: WireValue][]): [number, number] {
  const answer = agent.ask(
    WIRE.set,
    bindings.map(([oid, bound]) => ({ oid, value: bound })),
  )!;
  return [answer.status, answer.index];
}

const get = (oid: string) => agent.ask(WIRE.get, [oid])!.varbinds[0]!.value;
const status = (table: string, column: number, name: string, state: number): [string, WireValue] => [
  `${table}.${column}.${text(name)}`,
  value.integer(state),
];

/** Makes a target that v2c traps go to. */
function makeTarget(name: string, params = 'how'): [number, number] {
  return set(
    [`${ADDRESS}.2.${text(name)}`, UDP],
    [`${ADDRESS}.3.${text(name)}`, LOOPBACK_162],
    [`${ADDRESS}.6.${text(name)}`, value.octets('one two')],
    [`${ADDRESS}.7.${text(name)}`, value.octets(params)],
    status(ADDRESS, 9, name, createAndGo),
  );
}

function makeParams(name: string, model = 1, security = 2, level = 1): [number, number] {
  return set(
    [`${PARAMS}.2.${text(name)}`, value.integer(model)],
    [`${PARAMS}.3.${text(name)}`, value.integer(security)],
    [`${PARAMS}.4.${text(name)}`, value.octets('community-1')],
    [`${PARAMS}.5.${text(name)}`, value.integer(level)],
    status(PARAMS, 7, name, createAndGo),
  );
}

const targets = () => tables.targets((name) => (name === 'community-1' ? 'public' : undefined));

describe('a target that a manager makes', () => {
  it('is told when its parameters and a row of snmpNotifyTable with its tag are there', () => {
    expect(makeTarget('nms')).toEqual([NO_ERROR, 0]);
    expect(targets()).toEqual([]);
    expect(makeParams('how')).toEqual([NO_ERROR, 0]);
    expect(targets()).toEqual([]);
    expect(
      set([`${NOTIFY}.2.${text('n')}`, value.octets('two')], status(NOTIFY, 5, 'n', createAndGo)),
    ).toEqual([NO_ERROR, 0]);
    expect(targets()).toEqual([
      {
        name: 'nms',
        kind: 'trap',
        host: '127.0.0.1',
        port: 162,
        timeoutMs: 15_000,
        retries: 3,
        version: 'v2c',
        community: 'public',
        securityName: 'community-1',
        securityLevel: 1,
        queueLength: 100_000,
      },
    ]);
    expect(kept).toHaveLength(3);
  });

  it('is told once, by informs where one of the rows that choose it says so', () => {
    makeTarget('nms');
    makeParams('how');
    for (const [name, tag, kind] of [
      ['a', 'one', 1],
      ['b', 'two', 2],
    ] as const) {
      set(
        [`${NOTIFY}.2.${text(name)}`, value.octets(tag)],
        [`${NOTIFY}.3.${text(name)}`, value.integer(kind)],
        status(NOTIFY, 5, name, createAndGo),
      );
    }
    expect(targets()).toMatchObject([{ name: 'nms', kind: 'inform' }]);
    set(status(NOTIFY, 5, 'b', notInService));
    expect(targets()).toMatchObject([{ name: 'nms', kind: 'trap' }]);
    set(status(ADDRESS, 9, 'nms', notInService));
    expect(targets()).toEqual([]);
  });

  it('has its defaults, and no values until they are set', () => {
    expect(set(status(ADDRESS, 9, 'x', createAndWait))).toEqual([NO_ERROR, 0]);
    expect([2, 3, 4, 5, 6, 7, 8, 9].map((column) => get(`${ADDRESS}.${column}.${text('x')}`))).toEqual([
      value.noSuchInstance,
      value.noSuchInstance,
      value.integer(1500),
      value.integer(3),
      value.octets(''),
      value.noSuchInstance,
      value.integer(3),
      value.integer(notReady),
    ]);
    expect(set(status(ADDRESS, 9, 'x', active))).toEqual([INCONSISTENT, 1]);
    expect(set([`${ADDRESS}.2.${text('x')}`, UDP], [`${ADDRESS}.7.${text('x')}`, value.octets('y')])).toEqual(
      [NO_ERROR, 0],
    );
    expect(get(`${ADDRESS}.9.${text('x')}`)).toEqual(value.integer(notReady));
    expect(set([`${ADDRESS}.3.${text('x')}`, LOOPBACK_162])).toEqual([NO_ERROR, 0]);
    expect(get(`${ADDRESS}.9.${text('x')}`)).toEqual(value.integer(notInService));
  });

  it.each([
    ['a transport that is not spoken', 2, value.oid('1.3.6.1.6.1.2'), WRONG_VALUE],
    ['tags with two spaces between', 6, value.octets('a  b'), WRONG_VALUE],
    ['tags with a space behind', 6, value.octets('a '), WRONG_VALUE],
    ['parameters without a name', 7, value.octets(''), WRONG_LENGTH],
    ['a time below 0', 4, value.integer(-1), WRONG_VALUE],
    ['too many retries', 5, value.integer(256), WRONG_VALUE],
    ['a storage that only a configuration gives', 8, value.integer(5), WRONG_VALUE],
  ])('is refused %s', (_what, column, bound, expected) => {
    makeTarget('nms');
    expect(set([`${ADDRESS}.${column}.${text('nms')}`, bound as WireValue])).toEqual([expected, 1]);
  });

  it('does not become active with an address that its transport has not', () => {
    const made = set(
      [`${ADDRESS}.2.${text('x')}`, UDP],
      [`${ADDRESS}.3.${text('x')}`, value.octets('\x7f\x00\x00\x01')],
      [`${ADDRESS}.7.${text('x')}`, value.octets('how')],
      status(ADDRESS, 9, 'x', createAndGo),
    );
    expect(made).toEqual([INCONSISTENT, 4]);
  });

  it('does not move while it is active (RFC 3413 section 4.1.2)', () => {
    makeTarget('nms');
    const move: [string, WireValue] = [
      `${ADDRESS}.3.${text('nms')}`,
      value.octets('\x7f\x00\x00\x02\x00\xa2'),
    ];
    expect(set(move)).toEqual([INCONSISTENT, 1]);
    expect(set(move, status(ADDRESS, 9, 'nms', notInService))).toEqual([NO_ERROR, 0]);
    expect(set(status(ADDRESS, 9, 'nms', active))).toEqual([NO_ERROR, 0]);
    expect(set([`${ADDRESS}.4.${text('nms')}`, value.integer(100)])).toEqual([NO_ERROR, 0]);
  });

  it('can be at an IPv6 address, or at a name (RFC 3419)', () => {
    makeTarget('nms');
    makeParams('how');
    set([`${NOTIFY}.2.${text('n')}`, value.octets('one')], status(NOTIFY, 5, 'n', createAndGo));
    const move = (domain: string, address: string) => {
      set(status(ADDRESS, 9, 'nms', notInService));
      const moved = set(
        [`${ADDRESS}.2.${text('nms')}`, value.oid(domain)],
        [`${ADDRESS}.3.${text('nms')}`, value.octets(address)],
        status(ADDRESS, 9, 'nms', active),
      );
      return [moved[0], targets()[0]?.host, targets()[0]?.port];
    };
    const loopback6 = `${'\x00'.repeat(15)}\x01\x04\x8a`;
    expect(move('1.3.6.1.2.1.100.1.2', loopback6)).toEqual([NO_ERROR, '0:0:0:0:0:0:0:1', 1162]);
    expect(move('1.3.6.1.2.1.100.1.14', 'nms.example.org:162')).toEqual([NO_ERROR, 'nms.example.org', 162]);
    expect(move('1.3.6.1.2.1.100.1.14', 'nms.example.org')[0]).toBe(INCONSISTENT);
  });
});

describe('parameters that a manager makes', () => {
  it.each([
    ['SNMPv1 with v1', 0, 1, 1, NO_ERROR],
    ['SNMPv2c with v2c', 1, 2, 1, NO_ERROR],
    ['SNMPv3 with USM', 3, 3, 3, NO_ERROR],
    ['SNMPv2c with USM', 1, 3, 1, INCONSISTENT],
    ['SNMPv2c with authentication', 1, 2, 2, INCONSISTENT],
    ['a version that is not spoken', 2, 2, 1, INCONSISTENT],
    ['a model that is not spoken', 3, 4, 1, INCONSISTENT],
  ])('go together or are refused: %s', (_what, model, security, level, expected) => {
    expect(makeParams('how', model, security, level)[0]).toBe(expected);
  });

  it('do not change while they are active', () => {
    makeParams('how');
    expect(set([`${PARAMS}.4.${text('how')}`, value.octets('x')])).toEqual([INCONSISTENT, 1]);
    expect(set(status(PARAMS, 7, 'how', destroy))).toEqual([NO_ERROR, 0]);
  });
});

describe('a filter that a manager makes', () => {
  const index = (filter: string, subtree: string) => `${filter.length}.${text(filter)}.${subtree}`;

  it('holds notifications back, by its mask as well', () => {
    makeTarget('nms');
    makeParams('how');
    set([`${NOTIFY}.2.${text('n')}`, value.octets('one')], status(NOTIFY, 5, 'n', createAndGo));
    set([`${PROFILE}.1.${text('how')}`, value.octets('f')], status(PROFILE, 3, 'how', createAndGo));
    const passes = () => targets()[0]!.filter!.passes(NOTIFICATION);
    // A profile whose filter has no families lets nothing pass.
    expect(passes()).toBe(false);
    const all = index('f', '1.3.6.1.4.1.36957');
    expect(set([`${FILTER}.5.${all}`, value.integer(createAndGo)])).toEqual([NO_ERROR, 0]);
    expect(passes()).toBe(true);
    // 1.3.6.1.4.1.36957.1.1.1.2 with any number in the eighth place: the mask is ff 7f in octets 1 and 2.
    const column = index('f', '1.3.6.1.4.1.36957.9.1.1.2');
    const row: [string, WireValue][] = [
      [`${FILTER}.3.${column}`, value.integer(2)],
      [`${FILTER}.5.${column}`, value.integer(createAndGo)],
    ];
    expect(set(...row)).toEqual([NO_ERROR, 0]);
    expect(passes()).toBe(true);
    expect(set([`${FILTER}.2.${column}`, value.octets('\xfe\xff')])).toEqual([NO_ERROR, 0]);
    expect(passes()).toBe(false);
    expect(set([`${FILTER}.2.${column}`, value.octets('x'.repeat(17))])).toEqual([WRONG_LENGTH, 1]);
  });

  it('needs its name in a profile', () => {
    expect(set(status(PROFILE, 3, 'how', createAndGo))).toEqual([INCONSISTENT, 1]);
    expect(set([`${PROFILE}.1.${text('how')}`, value.octets('f')])[0]).toBe(NO_NAME);
  });

  it('is chosen by a tag, which has no spaces', () => {
    const tag: [string, WireValue] = [`${NOTIFY}.2.${text('n')}`, value.octets('a b')];
    expect(set(tag, status(NOTIFY, 5, 'n', createAndGo))).toEqual([WRONG_VALUE, 1]);
  });
});

describe('the tables', () => {
  it('show rows of a configuration as readOnly', () => {
    const row: AddressRow = {
      name: 'fixed',
      domain: [1, 3, 6, 1, 6, 1, 1],
      address: Uint8Array.of(192, 0, 2, 1, 0, 162),
      timeoutCentiseconds: 200,
      retries: 3,
      tags: 'traps',
      params: 'fixed',
      mask: new Uint8Array(0),
      maxMessageSize: 0,
      queueLength: 10,
      storageType: 5,
      status: active,
    };
    tables.configure({ addresses: [row], params: [], notifies: [], profiles: [], filters: [] });
    expect(get(`${ADDRESS}.8.${text('fixed')}`)).toEqual(value.integer(5));
    expect(set([`${ADDRESS}.5.${text('fixed')}`, value.integer(1)])).toEqual([NOT_WRITABLE, 1]);
    expect(set(status(ADDRESS, 9, 'fixed', destroy))).toEqual([NOT_WRITABLE, 1]);
  });

  it('come back from what was stored, as plain JSON', () => {
    makeTarget('nms');
    makeParams('how');
    set([`${NOTIFY}.2.${text('n')}`, value.octets('two')], status(NOTIFY, 5, 'n', createAndGo));
    set([`${PROFILE}.1.${text('how')}`, value.octets('f')], status(PROFILE, 3, 'how', createAndGo));
    set([`${FILTER}.5.1.102.1.3.6`, value.integer(createAndGo)]);
    set(status(ADDRESS, 9, 'unready', createAndWait));
    const again = new TargetTables();
    again.restore(JSON.parse(JSON.stringify(tables.snapshot())));
    expect(again.snapshot()).toEqual(tables.snapshot());
    const of = (one: TargetTables) => one.targets(() => 'public').map(({ filter, ...rest }) => rest);
    expect(of(again)).toEqual(of(tables));
    expect(of(again)).toHaveLength(1);
  });

  it('say what is damaged of what was stored', () => {
    makeTarget('nms');
    const stored = JSON.parse(JSON.stringify(tables.snapshot())) as { addresses: { retries: number }[] };
    stored.addresses[0]!.retries = 256;
    expect(() => new TargetTables().restore(stored)).toThrow(
      'the stored targets: addresses[0]: retries is damaged, it must be a whole number from 0 to 255',
    );
  });

  it('count contexts that are not there', () => {
    expect(get('1.3.6.1.6.3.12.1.5.0')).toEqual(value.counter32(7));
    expect(get('1.3.6.1.6.3.12.1.4.0')).toEqual(value.counter32(0));
  });

  it('have a lock that only its present value takes', () => {
    const lock = '1.3.6.1.6.3.12.1.1.0';
    expect(get(lock)).toEqual(value.integer(0));
    expect(set([lock, value.integer(5)])).toEqual([INCONSISTENT, 1]);
    expect(set([lock, value.integer(0)])).toEqual([NO_ERROR, 0]);
    expect(get(lock)).toEqual(value.integer(1));
  });
});
