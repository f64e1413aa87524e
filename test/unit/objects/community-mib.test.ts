import { beforeEach, expect, it } from 'vitest';
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
beforeEach(() => {
  rows = new CommunityRows();
  rows.show([
    { name: 'sésame', securityName: 'community-1' },
    { name: 'public', securityName: 'community-2' },
  ]);
  agent = new TestAgent([communityMib(rows, ENGINE_ID)]);
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
  for (const column of [1, 2]) expect(set(`${EXTENSION}.${column}.120`)).toBe(notWritable);
});

it('has no targets, whose table another module has', () => {
  const { varbinds } = agent.ask(WIRE.getNext, [EXTENSION])!;
  expect(varbinds.map(({ oid }) => oid)).toEqual([EXTENSION]);
});
