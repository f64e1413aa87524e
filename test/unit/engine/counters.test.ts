import { describe, expect, it } from 'vitest';
import { SnmpCounters } from '../../../agent/message/counters.ts';
import { DurableState } from '../../../agent/objects/durable-state.ts';
import { snmpv2Mib } from '../../../agent/objects/snmpv2-mib.ts';
import { SystemSettings } from '../../../agent/objects/system-settings.ts';
import { LAB, Laboratory } from '../../support/laboratory.ts';
import { TestAgent } from '../../support/test-agent.ts';
import { value, WIRE, type WireVarbind } from '../../support/wire.ts';

const bind = (name: string, number: number): WireVarbind => ({
  oid: `${LAB}.${name}`,
  value: value.integer(number),
});
const sent = { inPkts: 1, outPkts: 1, outGetResponses: 1 };
const V1 = { version: 0 };

/** Requests that are answered, and all counters that go up (RFC 3418, and RFC 1213 for the obsolete ones). */
const ANSWERED: readonly (readonly [
  what: string,
  ask: (agent: TestAgent) => unknown,
  counted: Record<string, number>,
])[] = [
  [
    'GET of three values',
    (a) => a.ask(WIRE.get, [`${LAB}.1.0`, `${LAB}.2.0`, `${LAB}.3.0`]),
    { ...sent, inGetRequests: 1, inTotalReqVars: 3 },
  ],
  [
    'GET of one value and two exceptions',
    (a) => a.ask(WIRE.get, [`${LAB}.1.0`, `${LAB}.1.1`, '1.3']),
    { ...sent, inGetRequests: 1, inTotalReqVars: 1 },
  ],
  ['GET of nothing', (a) => a.ask(WIRE.get, []), { ...sent, inGetRequests: 1 }],
  [
    'GETNEXT of two values',
    (a) => a.ask(WIRE.getNext, [LAB, LAB]),
    { ...sent, inGetNexts: 1, inTotalReqVars: 2 },
  ],
  ['GETNEXT at the end', (a) => a.ask(WIRE.getNext, ['2.999']), { ...sent, inGetNexts: 1 }],
  [
    'GETBULK of one and three times two values',
    (a) => a.ask(WIRE.getBulk, [LAB, `${LAB}.20.1.2`, `${LAB}.20.1.5`], { fieldA: 1, fieldB: 3 }),
    { ...sent, inTotalReqVars: 7 },
  ],
  [
    'GETBULK that runs into the end',
    (a) => a.ask(WIRE.getBulk, [`${LAB}.30`], { fieldB: 9 }),
    { ...sent, inTotalReqVars: 1 },
  ],
  [
    'SET of two values',
    (a) => a.ask(WIRE.set, [bind('3.0', 1), bind('6.0', 2)]),
    { ...sent, inSetRequests: 1, inTotalSetVars: 2 },
  ],
  ['SET of no value', (a) => a.ask(WIRE.set, []), { ...sent, inSetRequests: 1 }],
  [
    'SET refused with a status of SNMPv2',
    (a) => a.ask(WIRE.set, [bind('3.0', 101)]),
    { ...sent, inSetRequests: 1 },
  ],
  [
    'SET refused with badValue',
    (a) => a.ask(WIRE.set, [bind('3.0', 101)], V1),
    { ...sent, inSetRequests: 1, outBadValues: 1 },
  ],
  [
    'SET refused with noSuchName',
    (a) => a.ask(WIRE.set, [bind('1.0', 1)], V1),
    { ...sent, inSetRequests: 1, outNoSuchNames: 1 },
  ],
  [
    'SET refused with genErr',
    (a) => a.ask(WIRE.set, [bind('3.0', 99)], V1),
    { ...sent, inSetRequests: 1, outGenErrs: 1 },
  ],
  [
    'SET by a community that only reads',
    (a) => a.ask(WIRE.set, [bind('3.0', 1)], { community: 'public' }),
    { ...sent, inSetRequests: 1, inBadCommunityUses: 1 },
  ],
  [
    'GET refused with noSuchName',
    (a) => a.ask(WIRE.get, [`${LAB}.1.0`, '1.3'], V1),
    { ...sent, inGetRequests: 1, outNoSuchNames: 1 },
  ],
  [
    'GETNEXT refused with noSuchName',
    (a) => a.ask(WIRE.getNext, [`${LAB}.1.0`, '2.999'], V1),
    { ...sent, inGetNexts: 1, outNoSuchNames: 1 },
  ],
  ['GETBULK with noSuchName never', (a) => a.ask(WIRE.getBulk, ['2.999'], { fieldB: 1 }), { ...sent }],
];

describe('the counters of a request that is answered', () => {
  it.each(ANSWERED)('%s', (_what, ask, wanted) => {
    const agent = new TestAgent([new Laboratory().module]);
    expect(agent.counted(() => ask(agent))).toEqual(wanted);
  });
});

describe('SNMPv2-MIB', () => {
  const counters = new SnmpCounters();
  const settings = new SystemSettings({ contact: '', name: 'n', location: '', authenTraps: true });
  const module = snmpv2Mib(
    {
      descr: 'd',
      objectId: [1, 3],
      settings,
      durable: new DurableState(),
      counters,
      upTimeCentiseconds: () => 5,
      randomOctets: () => Uint8Array.of(0xff, 0xff, 0xff, 0xfe),
    },
    [],
  );
  const agent = new TestAgent([module], { counters });
  const SNMP = '1.3.6.1.2.1.11';
  /** Numbers of the objects of the snmp group that RFC 3418 and RFC 1213 define. */
  const SHOWN: readonly (readonly [number, keyof SnmpCounters])[] = [
    [1, 'inPkts'],
    [2, 'outPkts'],
    [3, 'inBadVersions'],
    [4, 'inBadCommunityNames'],
    [5, 'inBadCommunityUses'],
    [6, 'inAsnParseErrs'],
    [8, 'inTooBigs'],
    [9, 'inNoSuchNames'],
    [10, 'inBadValues'],
    [11, 'inReadOnlys'],
    [12, 'inGenErrs'],
    [13, 'inTotalReqVars'],
    [14, 'inTotalSetVars'],
    [15, 'inGetRequests'],
    [16, 'inGetNexts'],
    [17, 'inSetRequests'],
    [18, 'inGetResponses'],
    [19, 'inTraps'],
    [20, 'outTooBigs'],
    [21, 'outNoSuchNames'],
    [22, 'outBadValues'],
    [24, 'outGenErrs'],
    [25, 'outGetRequests'],
    [26, 'outGetNexts'],
    [27, 'outSetRequests'],
    [28, 'outGetResponses'],
    [29, 'outTraps'],
    [31, 'silentDrops'],
    [32, 'proxyDrops'],
  ];

  it.each(SHOWN)('snmp.%i shows %s', (number, counter) => {
    counters[counter] = 2 ** 32 + 1000 + number;
    const [bound] = agent.ask(WIRE.get, [`${SNMP}.${number}.0`])!.varbinds;
    // The request that reads it has been counted as a packet by then, and as a request; it has not been answered.
    const itself = counter === 'inPkts' || counter === 'inGetRequests' ? 1 : 0;
    expect(bound?.value).toEqual(value.counter32(1000 + number + itself));
  });

  it('shows no other counter', () => {
    const names: string[] = [];
    for (let name = SNMP; ; ) {
      name = agent.ask(WIRE.getNext, [name])!.varbinds[0]!.oid;
      if (!name.startsWith(`${SNMP}.`)) break;
      names.push(name);
    }
    const numbers = [...SHOWN.map(([number]) => number), 30].sort((a, b) => a - b);
    expect(names).toEqual(numbers.map((number) => `${SNMP}.${number}.0`));
  });

  it('snmpSetSerialNo counts up when set to its value, and refuses any other (RFC 2579 TestAndIncr)', () => {
    const name = '1.3.6.1.6.3.1.1.6.1.0';
    const set = (number: number) =>
      agent.ask(WIRE.set, [{ oid: name, value: value.integer(number) }])?.status;
    const get = () => agent.ask(WIRE.get, [name])?.varbinds[0]?.value;
    const last = 2 ** 31 - 1;
    // The highest bit of the random octets is not used.
    expect(get()).toEqual(value.integer(last - 1));
    expect([set(0), set(last - 1), get(), set(last - 1)]).toEqual([12, 0, value.integer(last), 12]);
    expect([set(last), get(), set(0), get()]).toEqual([0, value.integer(0), 0, value.integer(1)]);
  });

  it.each([
    ['sysContact', 4, 256, 8],
    ['sysName', 5, 256, 8],
    ['sysLocation', 6, 256, 8],
    ['sysContact', 4, 255, 0],
    ['sysContact', 4, 0, 0],
  ])('%s (system.%i) set to %i octets is status %i', (_name, number, length, status) => {
    const oid = `1.3.6.1.2.1.1.${number}.0`;
    const bound = value.octets('c'.repeat(length));
    expect(agent.ask(WIRE.set, [{ oid, value: bound }])?.status).toBe(status);
    if (status === 0) expect(agent.ask(WIRE.get, [oid])?.varbinds).toEqual([{ oid, value: bound }]);
  });

  it.each([1, 3, 7])('system.%i cannot be set', (number) => {
    expect(
      agent.ask(WIRE.set, [{ oid: `1.3.6.1.2.1.1.${number}.0`, value: value.octets('x') }])?.status,
    ).toBe(17);
  });

  it('snmpEnableAuthenTraps takes enabled and disabled only', () => {
    const oid = `${SNMP}.30.0`;
    const set = (number: number) => agent.ask(WIRE.set, [{ oid, value: value.integer(number) }])?.status;
    expect([
      set(2),
      settings.values.authenTraps,
      set(1),
      settings.values.authenTraps,
      set(0),
      set(3),
    ]).toEqual([0, false, 0, true, 10, 10]);
  });
});
