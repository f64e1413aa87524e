import { beforeEach, describe, expect, it } from 'vitest';
import { ROW_STATUS, STORAGE_TYPE } from '../../../agent/mib/managed-table.ts';
import type { PreparedSet } from '../../../agent/mib/module.ts';
import { writeTransportAddress } from '../../../agent/notify/transport-address.ts';
import { notificationLogMib } from '../../../agent/objects/notification-log/index.ts';
import { LogLaboratory, notification, VARIABLES } from '../../support/notification-log.ts';
import { TestAgent } from '../../support/test-agent.ts';
import { value, WIRE, type WireValue } from '../../support/wire.ts';

const MIB = '1.3.6.1.2.1.92.1';
const GLOBAL_LIMIT = `${MIB}.1.1.0`;
const AGE_OUT = `${MIB}.1.2.0`;
const CONFIG = `${MIB}.1.3.1`;
const LOG = `${MIB}.3.1.1`;
const VARIABLE = `${MIB}.3.2.1`;
const STATS = `${MIB}.2`;
/** Index of the default log, and of the log `web`. */
const DEFAULT = '0';
const WEB = '3.119.101.98';
const { active, createAndGo, createAndWait, notInService, destroy } = ROW_STATUS;
const [NO_ERROR, WRONG_TYPE, WRONG_LENGTH, WRONG_VALUE, INCONSISTENT, NOT_WRITABLE] = [0, 7, 8, 10, 12, 17];
const ENGINE_ID = Buffer.from('8000000001', 'hex');

let lab: LogLaboratory;
let kept: PreparedSet[];
let agent: TestAgent;
beforeEach(() => {
  lab = new LogLaboratory();
  kept = [];
  agent = new TestAgent([
    notificationLogMib({
      log: lab.log,
      settings: lab.settings,
      engineId: ENGINE_ID,
      address: writeTransportAddress({ host: '192.0.2.7', port: 1161 }),
      keep: (change) => {
        kept.push(change);
        return change;
      },
    }),
  ]);
});

function set(...bindings: [oid: string, bound: WireValue][]): [number, number] {
  const answer = agent.ask(
    WIRE.set,
    bindings.map(([oid, bound]) => ({ oid, value: bound })),
  )!;
  return [answer.status, answer.index];
}

const get = (oid: string) => agent.ask(WIRE.get, [oid])!.varbinds[0]!.value;
const status = (number: number) => value.integer(number);

/** Makes the log `web` in one request. */
function makeWeb(...more: [oid: string, bound: WireValue][]): [number, number] {
  return set([`${CONFIG}.2.${WEB}`, value.octets('all')], ...more, [
    `${CONFIG}.7.${WEB}`,
    status(createAndGo),
  ]);
}

function walk(from: string): [string, WireValue][] {
  const found: [string, WireValue][] = [];
  for (let oid = from; ; ) {
    const { oid: next, value: bound } = agent.ask(WIRE.getNext, [oid])!.varbinds[0]!;
    if (!next.startsWith(`${from}.`) || bound.tag === WIRE.endOfMibView) return found;
    found.push([next.slice(from.length + 1), bound]);
    oid = next;
  }
}

describe('The limits', () => {
  it('are set, kept, and take the oldest entries away once the request is done', () => {
    for (let number = 1; number <= 5; number++) lab.log.add(notification(number));
    expect(set([GLOBAL_LIMIT, value.gauge32(3)], [AGE_OUT, value.gauge32(60)])).toEqual([NO_ERROR, 0]);
    expect([get(GLOBAL_LIMIT), get(AGE_OUT)]).toEqual([value.gauge32(3), value.gauge32(60)]);
    expect(kept).toHaveLength(2);
    expect(lab.numbers()).toEqual([3, 4, 5]);
    expect(get(`${STATS}.2.0`)).toEqual(value.counter32(2));
    expect(lab.stored).toEqual({ entryLimit: 3, ageOut: 60, logs: [] });
  });

  it('take nothing away when the request fails', () => {
    for (let number = 1; number <= 5; number++) lab.log.add(notification(number));
    expect(set([GLOBAL_LIMIT, value.gauge32(1)], [`${CONFIG}.7.${DEFAULT}`, status(destroy)])[0]).not.toBe(
      NO_ERROR,
    );
    expect(set([GLOBAL_LIMIT, value.integer(1)])).toEqual([WRONG_TYPE, 1]);
    expect(get(GLOBAL_LIMIT)).toEqual(value.gauge32(0));
    expect(lab.numbers()).toEqual([1, 2, 3, 4, 5]);
  });

  it('are put back when they cannot be stored', () => {
    for (let number = 1; number <= 5; number++) lab.log.add(notification(number));
    const failing = new TestAgent([
      notificationLogMib({
        log: lab.log,
        settings: lab.settings,
        engineId: ENGINE_ID,
        address: writeTransportAddress({ host: '192.0.2.7', port: 1161 }),
        keep: (change) => ({
          ...change,
          store() {
            throw new Error('the disk is full');
          },
        }),
      }),
    ]);
    const bindings = [{ oid: GLOBAL_LIMIT, value: value.gauge32(1) }];
    expect(failing.ask(WIRE.set, bindings)!.status).toBe(14);
    expect(lab.settings.limits.entryLimit).toBe(0);
    expect(lab.numbers()).toEqual([1, 2, 3, 4, 5]);
  });

  it('hide what is too old from the moment on that it is', () => {
    lab.log.add(notification(1));
    set([AGE_OUT, value.gauge32(1)]);
    lab.wallMs += 59_999;
    expect(walk(`${LOG}.2`)).toHaveLength(1);
    lab.wallMs += 1;
    expect(walk(`${LOG}.2`)).toEqual([]);
    // Age is not counted as bumped.
    expect(get(`${STATS}.2.0`)).toEqual(value.counter32(0));
  });
});

describe('nlmConfigLogTable', () => {
  it('has the default log, which managers change and cannot remove', () => {
    const row = [2, 3, 4, 5, 6, 7].map((at) => get(`${CONFIG}.${at}.${DEFAULT}`));
    const numbers = [1, 2, STORAGE_TYPE.permanent, active].map((number) => value.integer(number));
    expect(row).toEqual([value.octets('all'), value.gauge32(0), ...numbers]);
    expect(set([`${CONFIG}.7.${DEFAULT}`, status(destroy)])).toEqual([INCONSISTENT, 1]);
    expect(set([`${CONFIG}.4.${DEFAULT}`, value.integer(2)])).toEqual([NO_ERROR, 0]);
    expect(get(`${CONFIG}.5.${DEFAULT}`)).toEqual(value.integer(1));
    lab.log.add(notification(1));
    expect(lab.numbers()).toEqual([]);
  });

  it('takes logs with a name, and remembers who made them active', () => {
    expect(makeWeb([`${CONFIG}.3.${WEB}`, value.gauge32(2)])).toEqual([NO_ERROR, 0]);
    const owner = { securityModel: 2, securityName: 'writer', securityLevel: 1 };
    expect(lab.log.log('web')!.row).toMatchObject({ filterName: 'all', entryLimit: 2, enabled: true, owner });
    for (let number = 1; number <= 3; number++) lab.log.add(notification(number));
    expect(lab.numbers('web')).toEqual([2, 3]);
    expect([get(`${STATS}.3.1.1.${WEB}`), get(`${STATS}.3.1.2.${WEB}`)]).toEqual([
      value.counter32(3),
      value.counter32(1),
    ]);
    expect(get(`${STATS}.1.0`)).toEqual(value.counter32(6));
    expect(set([`${CONFIG}.7.${WEB}`, status(destroy)])).toEqual([NO_ERROR, 0]);
    expect(walk(`${LOG}.2.${WEB}`)).toEqual([]);
  });

  it('says nothing of an owner until a log is active, and hears no notification for it', () => {
    expect(set([`${CONFIG}.7.${WEB}`, status(createAndWait)])).toEqual([NO_ERROR, 0]);
    expect(get(`${CONFIG}.7.${WEB}`)).toEqual(status(notInService));
    expect(lab.log.log('web')!.row.owner).toBeUndefined();
    expect(set([`${CONFIG}.2.${WEB}`, value.octets('all')])).toEqual([NO_ERROR, 0]);
    expect(lab.log.log('web')!.row.owner).toBeUndefined();
    lab.log.add(notification(1));
    expect(set([`${CONFIG}.7.${WEB}`, status(active)])).toEqual([NO_ERROR, 0]);
    lab.log.add(notification(2));
    expect(lab.numbers('web')).toEqual([2]);
    expect(get(`${CONFIG}.5.${WEB}`)).toEqual(value.integer(2));
  });

  it('shows that a filter is missing', () => {
    makeWeb();
    expect(set([`${CONFIG}.2.${WEB}`, value.octets('gone')])).toEqual([NO_ERROR, 0]);
    expect(get(`${CONFIG}.5.${WEB}`)).toEqual(value.integer(3));
    expect(set([`${CONFIG}.2.${WEB}`, value.octets('')])).toEqual([NO_ERROR, 0]);
    expect(get(`${CONFIG}.5.${WEB}`)).toEqual(value.integer(3));
  });

  it('refuses what a log cannot be', () => {
    expect(makeWeb([`${CONFIG}.4.${WEB}`, value.integer(3)])).toEqual([WRONG_VALUE, 2]);
    expect(makeWeb([`${CONFIG}.5.${WEB}`, value.integer(2)])).toEqual([NOT_WRITABLE, 2]);
    expect(makeWeb([`${CONFIG}.6.${WEB}`, value.integer(STORAGE_TYPE.permanent)])).toEqual([WRONG_VALUE, 2]);
    expect(set([`${CONFIG}.2.${WEB}`, value.octets('x'.repeat(33))])).toEqual([WRONG_LENGTH, 1]);
    expect(lab.log.logs).toHaveLength(1);
    expect(set([`${LOG}.2.0.1`, value.ticks(1)])).toEqual([NOT_WRITABLE, 1]);
  });

  it('has room for 64 logs with a name', () => {
    const index = (i: number) => `2.${100 + Math.floor(i / 10)}.${100 + (i % 10)}`;
    const make = (i: number) => set([`${CONFIG}.7.${index(i)}`, status(createAndGo)])[0];
    const results = Array.from({ length: 65 }, (_, i) => make(i));
    // resourceUnavailable
    expect(results).toEqual([...new Array(64).fill(NO_ERROR), 13]);
  });

  it('comes back whole, with its owner', () => {
    makeWeb([`${CONFIG}.3.${WEB}`, value.gauge32(2)]);
    set([`${CONFIG}.4.${DEFAULT}`, value.integer(2)]);
    const again = new LogLaboratory({ stored: lab.stored });
    expect(again.log.logs.map(({ row }) => row)).toEqual(lab.log.logs.map(({ row }) => row));
  });
});

describe('nlmLogTable', () => {
  it('tells when, where and what', () => {
    lab.log.add(notification(7));
    const shown = [2, 3, 4, 5, 6, 7, 8, 9].map((at) => get(`${LOG}.${at}.0.1`));
    expect(shown).toEqual([
      value.ticks(700),
      value.octets('\x07\xea\x01\x05\x00\x00\x00\x00+\x00\x00'),
      value.octets(''),
      value.octets('\xc0\x00\x02\x07\x04\x89'),
      value.oid('1.3.6.1.6.1.1'),
      value.octets(ENGINE_ID.toString('latin1')),
      value.octets(''),
      value.oid('1.3.6.1.9.0.7'),
    ]);
  });

  it('is walked in order while entries come and go', () => {
    const bounded = new LogLaboratory({ room: { entries: 5, octets: 1_000_000 } });
    const rows = { log: bounded.log, settings: bounded.settings };
    const address = writeTransportAddress({ host: '192.0.2.7', port: 1161 });
    const keep = (change: PreparedSet) => change;
    agent = new TestAgent([notificationLogMib({ ...rows, engineId: ENGINE_ID, address, keep })]);
    let told = 0;
    const add = (count: number) => {
      for (let i = 0; i < count; i++) bounded.log.add(notification(++told));
    };
    add(5);
    const seen: number[] = [];
    for (let oid = `${LOG}.2`; seen.length < 20; ) {
      const { oid: next } = agent.ask(WIRE.getNext, [oid])!.varbinds[0]!;
      if (!next.startsWith(`${LOG}.2.`)) break;
      seen.push(Number(next.split('.').at(-1)));
      oid = next;
      if (told < 15) add(2);
    }
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.at(-1)).toBe(told);
  });
});

describe('nlmLogVariableTable', () => {
  const shown: WireValue[] = [
    value.counter32(4_294_967_295),
    value.gauge32(17),
    value.ticks(100),
    value.integer(-5),
    value.address('\xc0\x00\x02\x01'),
    value.octets(Buffer.from('Grüße').toString('latin1')),
    value.oid('1.3.6.1.4.1.36957'),
    value.counter64(2n ** 64n - 1n),
    value.opaque('\x9f\x78\x04\x42\xf6\x00\x00'),
  ];
  /** Column of each type, which do not go as the types do. */
  const COLUMNS = [4, 5, 6, 7, 9, 8, 10, 11, 12];

  it('has each variable with its name, its type, and a value in the column for it alone', () => {
    lab.log.add(notification(1));
    lab.log.add(notification(2, VARIABLES));
    lab.log.add(notification(3, VARIABLES.slice(3, 5)));
    VARIABLES.forEach(({ oid }, i) => {
      const index = `0.2.${i + 1}`;
      expect(get(`${VARIABLE}.2.${index}`)).toEqual(value.oid(oid.join('.')));
      expect(get(`${VARIABLE}.3.${index}`)).toEqual(value.integer(i + 1));
      COLUMNS.forEach((column, type) => {
        const wanted = type === i ? shown[i] : value.noSuchInstance;
        expect([column, get(`${VARIABLE}.${column}.${index}`)]).toEqual([column, wanted]);
      });
    });
    expect(walk(`${VARIABLE}.7`)).toEqual([
      ['0.2.4', value.integer(-5)],
      ['0.3.1', value.integer(-5)],
    ]);
    expect(walk(`${VARIABLE}.3`)).toHaveLength(11);
    expect(get(`${VARIABLE}.3.0.2.0`)).toEqual(value.noSuchInstance);
  });

  it('passes over no entry that has nothing in a column', () => {
    for (let number = 1; number <= 900; number++) lab.log.add(notification(number, VARIABLES.slice(0, 1)));
    lab.log.add(notification(901, VARIABLES));
    const list = lab.log.logs[0]!.withType(9);
    expect(list.length).toBe(1);
    expect(walk(`${VARIABLE}.12`)).toEqual([['0.901.9', shown[8]]]);
  });
});
