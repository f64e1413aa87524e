import { describe, expect, it } from 'vitest';
import { syntheticModule } from '../../support/synthetic-module.ts';
import { pairs, TestAgent } from '../../support/test-agent.ts';
import { encode, value, WIRE } from '../../support/wire.ts';

const ROOT = '1.3.6.1.4.1.8072.9999.9999.78';
const written: unknown[] = [];
const module = syntheticModule({
  root: ROOT,
  scalars: {
    large: { at: 1, base: 'OctetString', read: () => 'x'.repeat(600) },
    small: { at: 2, base: 'Integer32', read: () => 2 },
    note: {
      at: 3,
      base: 'OctetString',
      access: 'read-write',
      read: () => '',
      testSet: (set) => ({ commit: () => written.push(set), undo() {} }),
    },
  },
});
const LIMIT = 600;
const fresh = () => new TestAgent([module], { limits: { bulk: LIMIT, any: LIMIT } });

describe('an answer that does not fit', () => {
  it.each([
    ['GET', WIRE.get, `${ROOT}.1.0`],
    ['GETNEXT', WIRE.getNext, `${ROOT}.1`],
  ])('%s of v2c: tooBig without bindings (RFC 3416 section 4.2.1, 4.2.2)', (_name, type, name) => {
    const agent = fresh();
    const counted = agent.counted(() => {
      expect(agent.ask(type, [`${ROOT}.2.0`, name])).toMatchObject({ status: 1, index: 0, varbinds: [] });
    });
    expect(counted).toMatchObject({ outTooBigs: 1, outPkts: 1 });
    expect(counted).not.toHaveProperty('inTotalReqVars');
  });

  it.each([
    ['GET', WIRE.get, `${ROOT}.1.0`],
    ['GETNEXT', WIRE.getNext, `${ROOT}.1`],
  ])('%s of v1: tooBig with the bindings asked (RFC 1157 section 4.1.2, 4.1.3)', (_name, type, name) => {
    const answer = fresh().ask(type, [`${ROOT}.2.0`, name], { version: 0 });
    expect([answer?.status, answer?.index]).toEqual([1, 0]);
    expect(pairs(answer)).toEqual([
      [`${ROOT}.2.0`, value.null],
      [name, value.null],
    ]);
  });

  it('is sent at exactly the limit, and is tooBig one octet beyond', () => {
    const sized = new TestAgent([module]).ask(WIRE.get, [`${ROOT}.1.0`])!.octets.length;
    for (const [any, status] of [
      [sized, 0],
      [sized - 1, 1],
    ] as const) {
      const agent = new TestAgent([module], { limits: { bulk: 484, any } });
      expect(agent.ask(WIRE.get, [`${ROOT}.1.0`])?.status).toBe(status);
    }
  });

  it('a long community counts towards the size', () => {
    const agent = fresh();
    const shortest = agent.ask(WIRE.get, [`${ROOT}.2.0`], { community: 'public' });
    const longer = agent.ask(WIRE.get, [`${ROOT}.2.0`], { community: 'private' });
    expect(longer!.octets.length - shortest!.octets.length).toBe(1);
  });

  it.each([
    ['v2c', 1, 'public'],
    ['v1', 0, 'public'],
  ])('%s: dropped in silence when even tooBig does not fit (RFC 3418 snmpSilentDrops)', (_name, version, community) => {
    const agent = new TestAgent([module], { limits: { bulk: 20, any: 20 } });
    const counted = agent.counted(() => {
      expect(agent.ask(WIRE.get, [`${ROOT}.1.0`], { version, community })).toBeUndefined();
    });
    expect(counted).toEqual({ inPkts: 1, inGetRequests: 1, silentDrops: 1 });
  });

  it('v1: dropped in silence when the bindings asked exceed the limit', () => {
    const agent = fresh();
    const names = Array.from({ length: 40 }, () => `${ROOT}.2.0`);
    const counted = agent.counted(() => {
      expect(agent.ask(WIRE.get, names, { version: 0 })).toBeUndefined();
    });
    expect(counted).toEqual({ inPkts: 1, inGetRequests: 1, silentDrops: 1 });
  });

  it('an error whose echo does not fit becomes tooBig', () => {
    const agent = fresh();
    const asked = { oid: `${ROOT}.9.0`, value: value.octets('y'.repeat(700)) };
    expect(agent.ask(WIRE.set, [asked])).toMatchObject({ status: 1, index: 0, varbinds: [] });
  });

  it('a SET whose answer would not fit changes nothing (RFC 3416 section 4.2.5)', () => {
    const agent = fresh();
    const fits = { oid: `${ROOT}.3.0`, value: value.octets('z'.repeat(400)) };
    const exceeds = { oid: `${ROOT}.3.0`, value: value.octets('z'.repeat(600)) };
    expect(agent.ask(WIRE.set, [exceeds])).toMatchObject({ status: 1, index: 0, varbinds: [] });
    expect(written).toHaveLength(0);
    expect(agent.ask(WIRE.set, [fits])).toMatchObject({ status: 0 });
    expect(written).toHaveLength(1);
  });

  it('a SET at exactly the limit is made, and one octet beyond it is not', () => {
    const request = (length: number) => ({
      version: 1,
      community: 'private',
      type: WIRE.set,
      requestId: 1,
      fieldA: 0,
      fieldB: 0,
      varbinds: [{ oid: `${ROOT}.3.0`, value: value.octets('z'.repeat(length)) }],
    });
    // The answer to a SET that succeeds is as long as the SET.
    const overhead = encode(request(500)).length - 500;
    const agent = fresh();
    for (const [length, status] of [
      [LIMIT - overhead, 0],
      [LIMIT - overhead + 1, 1],
    ] as const) {
      expect(agent.ask(WIRE.set, request(length).varbinds)?.status).toBe(status);
    }
  });
});
