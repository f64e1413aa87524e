import { describe, expect, it } from 'vitest';
import { SortedRows } from '../../../agent/mib/rows.ts';
import { type Fault, LAB, Laboratory } from '../../support/laboratory.ts';
import { syntheticModule } from '../../support/synthetic-module.ts';
import { pairs, TestAgent } from '../../support/test-agent.ts';
import { value, WIRE, type WireValue, type WireVarbind } from '../../support/wire.ts';

const STATUS = {
  noError: 0,
  noSuchName: 2,
  badValue: 3,
  genErr: 5,
  noAccess: 6,
  wrongType: 7,
  wrongLength: 8,
  wrongEncoding: 9,
  wrongValue: 10,
  noCreation: 11,
  inconsistentValue: 12,
  resourceUnavailable: 13,
  commitFailed: 14,
  undoFailed: 15,
  notWritable: 17,
  inconsistentName: 18,
} as const;
type StatusName = keyof typeof STATUS;

function fresh(faults: Record<string, Fault> = {}) {
  const lab = new Laboratory();
  for (const [name, fault] of Object.entries(faults)) lab.faults.set(name, fault);
  return { lab, agent: new TestAgent([lab.module]) };
}

const bind = (name: string, bound: WireValue): WireVarbind => ({ oid: `${LAB}.${name}`, value: bound });
const LEVEL = bind('3.0', value.integer(11));

/** What SET says to one binding. The number is the step of RFC 3416 section 4.2.5. */
const REFUSED: readonly (readonly [step: string, binding: WireVarbind, status: StatusName])[] = [
  ['(2) outside every module', { oid: '1.3.6.1.9.9.0', value: value.integer(1) }, 'notWritable'],
  ['(2) a read-only scalar', bind('1.0', value.integer(1)), 'notWritable'],
  ['(2) a read-only scalar with the wrong type', bind('1.0', value.octets('x')), 'notWritable'],
  ['(2) an accessible-for-notify scalar', bind('5.0', value.integer(1)), 'notWritable'],
  ['(2) a not-accessible column', bind('20.1.1.1', value.integer(1)), 'notWritable'],
  ['(2) a read-only column', bind('20.1.6.1', value.integer(1)), 'notWritable'],
  ['(2) a column that is not defined', bind('20.1.99.1', value.integer(1)), 'notWritable'],
  ['(2) a table', bind('20', value.integer(1)), 'notWritable'],
  ['(3) text for a number', bind('3.0', value.octets('7')), 'wrongType'],
  ['(3) NULL for a number', bind('3.0', value.null), 'wrongType'],
  ['(3) Gauge32 for an Integer32', bind('3.0', value.gauge32(7)), 'wrongType'],
  ['(3) INTEGER for an Unsigned32', bind('9.0', value.integer(7)), 'wrongType'],
  ['(3) Opaque for text', bind('2.0', value.opaque('ab')), 'wrongType'],
  ['(3) an exception for a value', bind('3.0', value.noSuchObject), 'wrongType'],
  ['(3) before (7): wrong type and no such instance', bind('3.9', value.octets('7')), 'wrongType'],
  ['(4) text too long', bind('2.0', value.octets('x'.repeat(17))), 'wrongLength'],
  ['(4) octets too few', bind('10.0', value.opaque('x')), 'wrongLength'],
  ['(4) an address of three octets', bind('7.0', value.address('abc')), 'wrongLength'],
  ['(4) an address of five octets', bind('7.0', value.address('abcde')), 'wrongLength'],
  [
    '(4) before (7): wrong length and no such row',
    bind('20.1.2.9', value.octets('too long!')),
    'wrongLength',
  ],
  ['(5) an INTEGER without octets', bind('3.0', { tag: WIRE.Integer, value: null }), 'wrongEncoding'],
  ['(5) an INTEGER beyond 32 bits', bind('3.0', value.integer(2 ** 40)), 'wrongEncoding'],
  ['(5) a negative Gauge32', bind('9.0', value.gauge32(-1)), 'wrongEncoding'],
  ['(5) a Gauge32 of 2^32', bind('9.0', value.gauge32(2 ** 32)), 'wrongEncoding'],
  ['(5) a TimeTicks without octets', bind('11.0', { tag: WIRE.TimeTicks, value: null }), 'wrongEncoding'],
  ['(6) a number above its range', bind('3.0', value.integer(101)), 'wrongValue'],
  ['(6) a number below its range', bind('3.0', value.integer(-1)), 'wrongValue'],
  ['(6) a number that is not enumerated', bind('6.0', value.integer(3)), 'wrongValue'],
  ['(6) an octet that DisplayString does not know', bind('2.0', value.octets('\xe9')), 'wrongValue'],
  ['(6) before (7): wrong value and no such instance', bind('3.7', value.integer(101)), 'wrongValue'],
  ['(7) a scalar without instance', bind('3', value.integer(1)), 'noCreation'],
  ['(7) a scalar with another instance', bind('3.1', value.integer(1)), 'noCreation'],
  ['(7) a column without index', bind('20.1.5', value.integer(1)), 'noCreation'],
  ['(7) an index too long', bind('20.1.5.1.1', value.integer(1)), 'noCreation'],
  ['(7) an index out of its range', bind('20.1.5.2147483648', value.integer(1)), 'noCreation'],
  ['(8) a row that does not exist now', bind('20.1.5.3', value.integer(1)), 'inconsistentName'],
  ['(10) a value that the state does not allow', bind('3.0', value.integer(98)), 'inconsistentValue'],
  [
    '(10) a column value that the row does not allow',
    bind('20.1.5.1', value.integer(13)),
    'inconsistentValue',
  ],
  ['(11) a lack of resources', bind('3.0', value.integer(99)), 'resourceUnavailable'],
];

const V1_STATUS: Partial<Record<StatusName, StatusName>> = {
  // RFC 3584 section 4.4.
  wrongType: 'badValue',
  wrongLength: 'badValue',
  wrongEncoding: 'badValue',
  wrongValue: 'badValue',
  inconsistentValue: 'badValue',
  noAccess: 'noSuchName',
  noCreation: 'noSuchName',
  notWritable: 'noSuchName',
  inconsistentName: 'noSuchName',
  resourceUnavailable: 'genErr',
  commitFailed: 'genErr',
  undoFailed: 'genErr',
};

describe('SET refused, RFC 3416 section 4.2.5', () => {
  it.each(REFUSED)('%s', (_step, binding, status) => {
    const { lab, agent } = fresh();
    const before = lab.snapshot();
    for (const [bindings, index] of [
      [[binding], 1],
      [[bind('9.0', value.gauge32(1)), binding], 2],
      [[binding, bind('6.0', value.integer(2))], 1],
    ] as const) {
      const answer = agent.ask(WIRE.set, bindings);
      expect(answer?.status).toBe(STATUS[status]);
      expect(answer?.index).toBe(index);
      expect(pairs(answer)).toEqual(bindings.map(({ oid, value: bound }) => [oid, bound]));
    }
    expect(lab.snapshot()).toEqual(before);
    expect(lab.journal).toEqual([]);
  });

  it.each(REFUSED)('%s: the SNMPv1 status of RFC 3584 section 4.4', (_step, binding, status) => {
    const { agent } = fresh();
    const answer = agent.ask(WIRE.set, [bind('6.0', value.integer(2)), binding], { version: 0 });
    expect([answer?.status, answer?.index]).toEqual([STATUS[V1_STATUS[status]!], 2]);
  });

  it('(1) noAccess for a community that only reads, whatever is asked, and it is counted', () => {
    for (const [, binding] of REFUSED) {
      const { lab, agent } = fresh();
      const counted = agent.counted(() => {
        const answer = agent.ask(WIRE.set, [binding, LEVEL], { community: 'public' });
        expect([answer?.status, answer?.index]).toEqual([STATUS.noAccess, 1]);
      });
      expect(counted).toMatchObject({ inBadCommunityUses: 1 });
      expect(lab.journal).toEqual([]);
    }
  });

  it('(1) is noSuchName for SNMPv1 (RFC 1157 section 4.1.5, RFC 3584 section 4.4)', () => {
    const { agent } = fresh();
    expect(agent.ask(WIRE.set, [LEVEL], { community: 'public', version: 0 })).toMatchObject({
      status: 2,
      index: 1,
    });
  });
});

/** Values that are taken, and what the object holds then. */
const TAKEN: readonly (readonly [string, WireVarbind, string, unknown])[] = [
  ['an INTEGER', bind('3.0', value.integer(0)), 'level', 0],
  ['an INTEGER at its highest', bind('3.0', value.integer(100)), 'level', 100],
  ['an enumerated INTEGER', bind('6.0', value.integer(2)), 'mode', 2],
  ['text', bind('2.0', value.octets('rack 12')), 'label', Uint8Array.from(Buffer.from('rack 12'))],
  ['no text', bind('2.0', value.octets('')), 'label', new Uint8Array(0)],
  [
    'text at its longest',
    bind('2.0', value.octets('x'.repeat(16))),
    'label',
    Uint8Array.from(Buffer.from('x'.repeat(16))),
  ],
  ['an address', bind('7.0', value.address('\xc0\x00\x02\x01')), 'address', Uint8Array.of(192, 0, 2, 1)],
  ['an identifier', bind('8.0', value.oid('2.999.4294967295')), 'pointer', [2, 999, 4_294_967_295]],
  ['an Unsigned32 at its highest', bind('9.0', value.gauge32(2 ** 32 - 1)), 'limit', 2 ** 32 - 1],
  ['an Unsigned32 at 2^31', bind('9.0', value.gauge32(2 ** 31)), 'limit', 2 ** 31],
  ['an Opaque', bind('10.0', value.opaque('\x00\xff')), 'blob', Uint8Array.of(0, 255)],
  ['TimeTicks', bind('11.0', value.ticks(0)), 'wait', 0],
];

describe('SET taken, RFC 3416 section 4.2.5', () => {
  it.each(TAKEN)('%s', (_name, binding, object, held) => {
    const { lab, agent } = fresh();
    const answer = agent.ask(WIRE.set, [binding]);
    expect(answer).toMatchObject({ status: 0, index: 0 });
    expect(pairs(answer)).toEqual([[binding.oid, binding.value]]);
    expect(lab.scalars[object]).toEqual(held);
    expect(pairs(agent.ask(WIRE.get, [binding.oid]))).toEqual([[binding.oid, binding.value]]);
  });

  it('all of them in one request, as if at once, then stores, then finishes', () => {
    const { lab, agent } = fresh();
    const bindings = [
      bind('6.0', value.integer(2)),
      LEVEL,
      bind('20.1.5.1', value.integer(4)),
      bind('20.1.2.1', value.octets('new')),
    ];
    expect(agent.ask(WIRE.set, bindings)).toMatchObject({ status: 0, index: 0 });
    expect(lab.scalars).toMatchObject({ mode: 2, level: 11 });
    expect(lab.rows.row(0)).toEqual({ id: 1, name: 'new', state: 4 });
    expect(lab.journal).toEqual([
      'commit mode',
      'commit level',
      'commit row 1',
      'store mode',
      'store level',
      'store row 1',
      'finish mode',
      'finish level',
      'finish row 1',
    ]);
  });

  it('nothing, when nothing is asked', () => {
    const { lab, agent } = fresh();
    expect(agent.ask(WIRE.set, [])).toMatchObject({ status: 0, index: 0, varbinds: [] });
    expect(lab.journal).toEqual([]);
  });

  it('the same value twice, changed once', () => {
    const { lab, agent } = fresh();
    expect(agent.ask(WIRE.set, [LEVEL, LEVEL])).toMatchObject({ status: 0, index: 0 });
    expect(lab.journal).toEqual(['commit level', 'store level', 'finish level']);
  });

  it('two values for one variable: inconsistentValue at the second', () => {
    const { lab, agent } = fresh();
    expect(agent.ask(WIRE.set, [LEVEL, bind('3.0', value.integer(12))])).toMatchObject({
      status: 12,
      index: 2,
    });
    expect(lab.journal).toEqual([]);
  });

  it('blames the column that its row refused', () => {
    const { agent } = fresh();
    const bindings = [LEVEL, bind('20.1.2.1', value.octets('new')), bind('20.1.5.1', value.integer(13))];
    expect(agent.ask(WIRE.set, bindings)).toMatchObject({ status: 12, index: 3 });
  });
});

describe('SET that fails in its second phase, RFC 3416 section 4.2.5', () => {
  const BINDINGS = [
    LEVEL,
    bind('6.0', value.integer(2)),
    bind('20.1.5.5', value.integer(4)),
    bind('9.0', value.gauge32(1)),
  ];

  it('commitFailed names the binding, and what was made is taken back, last first', () => {
    const { lab, agent } = fresh({ 'row 5': 'commit' });
    const before = lab.snapshot();
    const answer = agent.ask(WIRE.set, BINDINGS);
    expect([answer?.status, answer?.index]).toEqual([STATUS.commitFailed, 3]);
    expect(pairs(answer)).toEqual(BINDINGS.map(({ oid, value: bound }) => [oid, bound]));
    expect(lab.journal).toEqual(['commit level', 'commit mode', 'undo mode', 'undo level']);
    expect(lab.snapshot()).toEqual(before);
  });

  it('undoFailed has index 0, and the other changes are taken back nonetheless', () => {
    const { lab, agent } = fresh({ limit: 'commit', mode: 'undo' });
    expect(agent.ask(WIRE.set, BINDINGS)).toMatchObject({ status: STATUS.undoFailed, index: 0 });
    expect(lab.journal).toEqual(['commit level', 'commit mode', 'commit row 5', 'undo row 5', 'undo level']);
    expect(lab.scalars).toMatchObject({ level: 10, mode: 2 });
  });

  it.each([
    ['commitFailed', { 'row 5': 'commit' }, 3],
    ['undoFailed', { limit: 'commit', mode: 'undo' }, 0],
  ] as const)('%s is genErr for SNMPv1 (RFC 3584 section 4.4)', (_name, faults, index) => {
    const { agent } = fresh(faults);
    expect(agent.ask(WIRE.set, BINDINGS, { version: 0 })).toMatchObject({ status: STATUS.genErr, index });
  });

  it('a test that throws is genErr with its index, step (12), and nothing is changed', () => {
    const { lab, agent } = fresh({ 'row 5': 'test' });
    expect(agent.ask(WIRE.set, BINDINGS)).toMatchObject({ status: STATUS.genErr, index: 3 });
    expect(lab.journal).toEqual([]);
    expect(agent.errors).toHaveLength(1);
  });

  it('commitFailed with all taken back when the whole cannot be stored', () => {
    const { lab, agent } = fresh({ 'row 5': 'store' });
    const before = lab.snapshot();
    expect(agent.ask(WIRE.set, BINDINGS)).toMatchObject({ status: STATUS.commitFailed, index: 3 });
    expect(lab.snapshot()).toEqual(before);
    expect(lab.journal.filter((entry) => entry.startsWith('finish'))).toEqual([]);
  });

  it('a step that throws after the change is made does not take the answer away', () => {
    const { lab, agent } = fresh({ mode: 'finish' });
    expect(agent.ask(WIRE.set, BINDINGS)).toMatchObject({ status: 0, index: 0 });
    expect(lab.journal.filter((entry) => entry.startsWith('finish'))).toEqual([
      'finish level',
      'finish row 5',
      'finish limit',
    ]);
    expect(agent.errors).toHaveLength(1);
  });
});

describe('the index of a row that could be created, RFC 2578 section 7.7', () => {
  const octets = (sizes: readonly (readonly [number, number])[], implied = false) => [
    { name: 'index', implied, syntax: { base: 'OctetString' as const, sizes } },
  ];
  const cases = [
    ['fixed size', octets([[2, 2]]), '1.2', true],
    ['fixed size, too short', octets([[2, 2]]), '1', false],
    ['fixed size, too long', octets([[2, 2]]), '1.2.3', false],
    ['fixed size, not octets', octets([[2, 2]]), '1.256', false],
    ['counted', octets([[0, 4]]), '2.65.66', true],
    ['counted, empty', octets([[0, 4]]), '0', true],
    ['counted, wrong count', octets([[0, 4]]), '3.65.66', false],
    ['counted, more than allowed', octets([[0, 1]]), '2.65.66', false],
    ['implied', octets([[1, 4]], true), '65.66', true],
    ['implied, too long', octets([[1, 1]], true), '65.66', false],
    ['implied, empty', octets([[1, 4]], true), '', false],
    [
      'an address',
      [{ name: 'index', implied: false, syntax: { base: 'IpAddress' as const } }],
      '10.0.0.1',
      true,
    ],
    [
      'an address too short',
      [{ name: 'index', implied: false, syntax: { base: 'IpAddress' as const } }],
      '10.0.0',
      false,
    ],
    [
      'an address of no octets',
      [{ name: 'index', implied: false, syntax: { base: 'IpAddress' as const } }],
      '10.0.0.256',
      false,
    ],
    [
      'an identifier',
      [{ name: 'index', implied: false, syntax: { base: 'ObjectIdentifier' as const } }],
      '3.1.3.999',
      true,
    ],
    [
      'an identifier, wrong count',
      [{ name: 'index', implied: false, syntax: { base: 'ObjectIdentifier' as const } }],
      '2.1.3.999',
      false,
    ],
  ] as const;

  it.each(cases)('%s', (_name, index, instance, possible) => {
    const module = syntheticModule({
      root: LAB,
      tables: {
        things: {
          at: 1,
          index,
          rows: new SortedRows<number>(),
          columns: { state: { at: 2, base: 'Integer32', access: 'read-create', read: () => 1 } },
          testSet: () => ({ refused: STATUS.inconsistentName }),
        },
      },
    });
    const name = instance === '' ? '1.1.2' : `1.1.2.${instance}`;
    const answer = new TestAgent([module]).ask(WIRE.set, [bind(name, value.integer(1))]);
    expect(answer?.status).toBe(possible ? STATUS.inconsistentName : STATUS.noCreation);
  });
});
