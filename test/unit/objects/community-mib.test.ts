import { beforeEach, expect, it } from 'vitest';
import { TargetTables } from '../../../agent/notify/target-tables.ts';
import { CommunityRows, communityMib } from '../../../agent/objects/community-mib.ts';
import { pairs, TestAgent } from '../../support/test-agent.ts';
import { value, WIRE } from '../../support/wire.ts';

const TABLE = '1.3.6.1.6.3.18.1.1.1';
const EXTENSION = '1.3.6.1.6.3.18.1.2.1';
const ENGINE_ID = Uint8Array.of(0x80, 0, 0x1f, 0x88, 5, 1);
/** IMPLIED: without its length. */
const FIRST = Array.from(Buffer.from('community-1')).join('.');

let rows: CommunityRows;
let agent: TestAgent;
let targets: TargetTables;
beforeEach(() => {
  rows = new CommunityRows();
  rows.show([
    { name: 'sésame', securityName: 'community-1' },
    { name: 'public', securityName: 'community-2' },
  ]);
  targets = new TargetTables();
  agent = new TestAgent([communityMib(rows, ENGINE_ID, targets, (change) => change)]);
});

it('shows each community of the configuration as a row that is read-only', () => {
  const columns = [2, 3, 4, 5, 6, 7, 8].map((column) => `${TABLE}.${column}.${FIRST}`);
  expect(pairs(agent.ask(WIRE.get, columns)).map((pair) => (pair as unknown[])[1])).toEqual([
    value.octets('s\xc3\xa9same'),
    value.octets('community-1'),
    value.octets(Buffer.from(ENGINE_ID).toString('latin1')),
    value.octets(''),
    value.octets(''),
    value.integer(5),
    value.integer(1),
  ]);
});

it('follows another configuration', () => {
  rows.show([{ name: 'other', securityName: 'community-1' }]);
  const { varbinds } = agent.ask(WIRE.getBulk, [`${TABLE}.2`], { fieldB: 2 })!;
  expect(varbinds).toEqual([
    { oid: `${TABLE}.2.${FIRST}`, value: value.octets('other') },
    { oid: `${TABLE}.3.${FIRST}`, value: value.octets('community-1') },
  ]);
});

it('can be set nowhere: not a value, not a row, not a row that is not there', () => {
  const set = (oid: string, bound = value.octets('x')) =>
    agent.ask(WIRE.set, [{ oid, value: bound }])!.status;
  const notWritable = 17;
  for (const column of [2, 3, 4, 5, 6, 7, 8]) expect(set(`${TABLE}.${column}.${FIRST}`)).toBe(notWritable);
  expect(set(`${TABLE}.8.120`, value.integer(4))).toBe(notWritable);
  expect(set(`${TABLE}.8.${FIRST}`, value.integer(6))).toBe(notWritable);
});

it('adds a mask and a size to the targets of another module, and makes none of its own', () => {
  const mask = { oid: `${EXTENSION}.1.120`, value: value.octets('\xff\xff\xff\x00\x00\x00') };
  const inconsistentName = 18;
  expect(agent.ask(WIRE.set, [mask])!.status).toBe(inconsistentName);
  targets.addresses.restore([
    {
      name: 'x',
      domain: [1, 3, 6, 1, 6, 1, 1],
      address: Uint8Array.of(192, 0, 2, 1, 0, 162),
      timeoutCentiseconds: 100,
      retries: 1,
      tags: '',
      params: 'x',
      mask: new Uint8Array(0),
      maxMessageSize: 484,
      queueLength: 1,
      storageType: 3,
      status: 1,
    },
  ]);
  expect(agent.ask(WIRE.set, [mask])!.status).toBe(0);
  expect(pairs(agent.ask(WIRE.get, [mask.oid, `${EXTENSION}.2.120`]))).toEqual([
    [mask.oid, mask.value],
    [`${EXTENSION}.2.120`, value.integer(484)],
  ]);
  // RFC 3584 section 5.3: none, or as long as the address.
  const inconsistentValue = 12;
  expect(agent.ask(WIRE.set, [{ ...mask, value: value.octets('\xff') }])!.status).toBe(inconsistentValue);
});

it('a target is told nothing larger than its snmpTargetAddrMMS, once a manager says what that is', () => {
  targets.addresses.restore([
    {
      name: 'x',
      domain: [1, 3, 6, 1, 6, 1, 1],
      address: Uint8Array.of(192, 0, 2, 1, 0, 162),
      timeoutCentiseconds: 100,
      retries: 1,
      tags: 't',
      params: 'x',
      mask: new Uint8Array(0),
      maxMessageSize: 0,
      queueLength: 1,
      storageType: 3,
      status: 1,
    },
  ]);
  const kept = { storageType: 3, status: 1 } as const;
  const how = {
    processingModel: 1,
    securityModel: 2,
    securityName: 'community-1',
    securityLevel: 1,
  } as const;
  targets.params.restore([{ name: 'x', ...how, ...kept }]);
  targets.notifies.restore([{ name: 'n', tag: 't', kind: 'trap', ...kept }]);
  const size = () => targets.targets(() => 'public')[0]!.maxMessageSize;
  const set = (octets: number) =>
    agent.ask(WIRE.set, [{ oid: `${EXTENSION}.2.120`, value: value.integer(octets) }])!.status;
  expect(size()).toBeUndefined();
  expect(set(1400)).toBe(0);
  expect(size()).toBe(1400);
  const wrongValue = 10;
  expect(set(483)).toBe(wrongValue);
  expect(set(0)).toBe(0);
  expect(size()).toBeUndefined();
});
