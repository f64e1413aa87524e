import snmp from 'net-snmp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UdpSocket } from '../../../agent/transport/udp.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { LAB, Laboratory } from '../../support/laboratory.ts';
import { LOOPBACKS } from '../../support/loopback.ts';
import { TestAgent } from '../../support/test-agent.ts';

type Bound = { oid: string; type: number; value: unknown };
type Done<T> = (error: Error | null, result: T) => void;

/** What net-snmp's callback is given, as a promise. */
function call<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    start((error, result) => (error ? reject(error) : resolve(result))),
  );
}

const plain = (varbind: Bound) => [
  varbind.oid.slice(LAB.length + 1),
  Buffer.isBuffer(varbind.value) ? varbind.value.toString('latin1') : varbind.value,
];

describe.each(LOOPBACKS)('net-snmp as client over UDP at %s', (address) => {
  const lab = new Laboratory();
  const agent = new TestAgent([lab.module]);
  // Over IPv6 the source is ::1, which the communities of the test agent do not know.
  const source = { address: '127.0.0.1', port: 1 };
  let socket: UdpSocket;
  // biome-ignore lint/suspicious/noExplicitAny: the package's types lag behind what it can do
  const sessions: any[] = [];

  function session(version: 'v1' | 'v2c', community = 'private') {
    const options = {
      port: socket.local.port,
      transport: (address.includes(':') ? 'udp6' : 'udp4') as 'udp4' | 'udp6',
      retries: 0,
      timeout: 20_000,
      version: version === 'v1' ? snmp.Version1 : snmp.Version2c,
    };
    // biome-ignore lint/suspicious/noExplicitAny: the package's types lag behind what it can do
    const opened: any = snmp.createSession(address, community, options);
    sessions.push(opened);
    return opened;
  }

  beforeAll(async () => {
    socket = await UdpSocket.open({
      address,
      port: 0,
      logger: silentLogger,
      onDatagram(datagram, from, on) {
        const answer = agent.send(datagram, source);
        if (answer) on.send(answer, from);
      },
    });
  });
  afterAll(async () => {
    for (const opened of sessions) opened.close();
    await socket.close();
  });

  it.each(['v1', 'v2c'] as const)('get, %s', async (version) => {
    const names = ['1.0', '2.0', '20.1.2.5'].map((name) => `${LAB}.${name}`);
    const bound = await call<Bound[]>((done) => session(version).get(names, done));
    expect(bound.map(plain)).toEqual([
      ['1.0', 42],
      ['2.0', 'bench'],
      ['20.1.2.5', 'guest-5'],
    ]);
  });

  it('get: exceptions and Counter64, v2c', async () => {
    const names = ['4.0', '1.1', '77.0'].map((name) => `${LAB}.${name}`);
    const bound = await call<Bound[]>((done) => session('v2c').get(names, done));
    expect(bound[0]?.value).toEqual(Buffer.from('008000000000000000', 'hex'));
    expect(bound.map(({ type }) => type)).toEqual([
      snmp.ObjectType.Counter64,
      snmp.ObjectType.NoSuchInstance,
      snmp.ObjectType.NoSuchObject,
    ]);
  });

  it('get: noSuchName, v1', async () => {
    const asked = call((done) => session('v1').get([`${LAB}.1.0`, `${LAB}.4.0`], done));
    await expect(asked).rejects.toMatchObject({ status: snmp.ErrorStatus.NoSuchName });
  });

  it.each(['v1', 'v2c'] as const)('getNext, %s', async (version) => {
    const bound = await call<Bound[]>((done) => session(version).getNext([LAB, `${LAB}.20.1.2.2`], done));
    expect(bound.map(plain)).toEqual([
      ['1.0', 42],
      ['20.1.2.5', 'guest-5'],
    ]);
  });

  it('getBulk with a non-repeater', async () => {
    const names = [`${LAB}.1`, `${LAB}.20.1.2`, `${LAB}.20.1.5`];
    const [first, second, third] = await call<[Bound, Bound[], Bound[]]>((done) =>
      session('v2c').getBulk(names, 1, 2, done),
    );
    expect(plain(first)).toEqual(['1.0', 42]);
    expect(second.map(plain)).toEqual([
      ['20.1.2.1', 'guest-1'],
      ['20.1.2.2', 'guest-2'],
    ]);
    expect(third.map(plain)).toEqual([
      ['20.1.5.1', 1],
      ['20.1.5.2', 1],
    ]);
  });

  it.each(['v1', 'v2c'] as const)('walk, %s', async (version) => {
    const seen: string[] = [];
    const feed = (varbinds: Bound[]) => {
      seen.push(...varbinds.filter(({ type }) => type < 0x80).map(({ oid }) => oid.slice(LAB.length + 1)));
    };
    await call((done) => session(version).subtree(LAB, 4, feed, done));
    const scalars = ['1', '2', '3', '4', '6', '7', '8', '9', '10', '11'].map((name) => `${name}.0`);
    const columns = ['2', '4', '5'].flatMap((column) => [1, 2, 5].map((row) => `20.1.${column}.${row}`));
    const all = [...scalars, ...columns, '20.1.6.1', '20.1.6.5', '40.0'];
    const counters = ['4.0', '20.1.4.1', '20.1.4.2', '20.1.4.5'];
    expect(seen).toEqual(version === 'v2c' ? all : all.filter((name) => !counters.includes(name)));
  });

  it.each(['v1', 'v2c'] as const)('table, %s', async (version) => {
    const table = await call<Record<string, Record<string, unknown>>>((done) =>
      session(version).table(`${LAB}.20`, 3, done),
    );
    const names = Object.entries(table).map(([row, columns]) => [row, String(columns['2']), columns['6']]);
    expect(names).toEqual([
      ['1', 'guest-1', 1],
      ['2', 'guest-2', undefined],
      ['5', 'guest-5', 5],
    ]);
  });

  const { ObjectType } = snmp;
  const sets = [
    ['3.0', ObjectType.Integer, 55, 'level', 55],
    ['2.0', ObjectType.OctetString, 'hall 3', 'label', Uint8Array.from(Buffer.from('hall 3'))],
    ['7.0', ObjectType.IpAddress, '192.0.2.9', 'address', Uint8Array.of(192, 0, 2, 9)],
    ['8.0', ObjectType.OID, '1.3.6.1.4.1.4294967295', 'pointer', [1, 3, 6, 1, 4, 1, 4_294_967_295]],
    ['9.0', ObjectType.Gauge, 4_294_967_295, 'limit', 4_294_967_295],
    ['10.0', ObjectType.Opaque, Buffer.of(1, 255), 'blob', Uint8Array.of(1, 255)],
    ['11.0', ObjectType.TimeTicks, 123_456_789, 'wait', 123_456_789],
  ] as const;

  it.each(['v1', 'v2c'] as const)('set of each type, %s', async (version) => {
    for (const [name, type, set, object, held] of sets) {
      const bound = await call<Bound[]>((done) =>
        session(version).set([{ oid: `${LAB}.${name}`, type, value: set }], done),
      );
      expect(bound[0]).toMatchObject({ oid: `${LAB}.${name}`, type });
      expect(lab.scalars[object]).toEqual(held);
    }
  });

  it('set refused, v1 and v2c', async () => {
    const wrong = [{ oid: `${LAB}.3.0`, type: ObjectType.Integer, value: 101 }];
    const v2c = call((done) => session('v2c').set(wrong, done));
    await expect(v2c).rejects.toMatchObject({ status: snmp.ErrorStatus.WrongValue });
    const v1 = call((done) => session('v1').set(wrong, done));
    await expect(v1).rejects.toMatchObject({ status: snmp.ErrorStatus.BadValue });
    const readOnly = call((done) => session('v2c', 'public').set(wrong, done));
    await expect(readOnly).rejects.toMatchObject({ status: snmp.ErrorStatus.NoAccess });
  });
});
