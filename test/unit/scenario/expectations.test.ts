import { describe, expect, it } from 'vitest';
import type { EmulationEvent } from '../../../agent/emulation/events.ts';
import { LIBVIRT_STATS_MIB } from '../../../agent/mib/generated/libvirt-stats-mib.ts';
import type { Value } from '../../../agent/mib/value.ts';
import { valuesAt } from '../../../agent/scenario/expect/http.ts';
import { EXPECTATIONS, type ExpectationName } from '../../../agent/scenario/expect/kinds.ts';
import type { Instance, ToldNotification, World } from '../../../agent/scenario/world.ts';

const { columns } = LIBVIRT_STATS_MIB.tables.lvsGuestTable;
const UUID = '00112233-4455-6677-8899-aabbccddeeff';
const INDEX = Array.from(Buffer.from(UUID.replaceAll('-', ''), 'hex'));

function build(name: ExpectationName, wanted: object) {
  const kind = EXPECTATIONS[name];
  return kind.build(kind.schema.parse({ ...wanted }) as never);
}

/** A world with one guest, whose objects have the values given at this moment. */
function world(nowMs: number, values: Readonly<Record<string, Value>>): World {
  const all: Instance[] = Object.entries(values).map(([name, value]) => ({
    oid: [...columns[name as keyof typeof columns].oid, ...INDEX],
    value,
  }));
  const host = { name: 'host-1', domains: [{ name: 'web-01', uuid: UUID }] };
  return {
    nowMs,
    hypervisor: { hosts: [host] } as unknown as World['hypervisor'],
    notifications: [],
    events: [] as EmulationEvent[],
    apiUrl: undefined,
    instances: (below) => all.filter(({ oid }) => below.every((subid, i) => subid === oid[i])),
    moreDelivered: async () => false,
  };
}

describe('a rate', () => {
  const looks = async (text: string, samples: readonly (readonly [atMs: number, value: Value])[]) => {
    const name = /lvsGuest\w+/.exec(text)![0];
    const probe = build('snmp', { snmp: text }).begin(0);
    const seen: string[] = [];
    for (const [atMs, value] of samples) seen.push((await probe.look(world(atMs, { [name]: value }))).seen);
    return seen;
  };

  it('is the change for each second over its window', async () => {
    expect(
      await looks('rate(lvsGuestCpuTime{guest=web-01}, 2 s) > 0', [
        [0, 100n],
        [1000, 200n],
        [2000, 400n],
        [3000, 1000n],
        [3500, 1000n],
      ]),
    ).toEqual(['no rate yet', 'no rate yet', '150', '400', '320']);
  });

  it('does not lose digits of large counters', async () => {
    const large = 18_446_744_073_709_551_000n;
    expect(
      await looks('increase(lvsGuestCpuTime{guest=web-01}, 1 s) > 0', [
        [0, large],
        [1000, large + 7n],
      ]),
    ).toEqual(['no increase yet', '7']);
  });

  it('goes over the end of a Counter32, and begins anew where a Counter64 was reset', async () => {
    expect(
      await looks('increase(lvsGuestBoots{guest=web-01}, 1 s) > 0', [
        [0, 4_294_967_295],
        [1000, 2],
      ]),
    ).toEqual(['no increase yet', '3']);
    expect(
      await looks('rate(lvsGuestCpuTime{guest=web-01}, 1 s) > 0', [
        [0, 500n],
        [1000, 20n],
        [2000, 50n],
      ]),
    ).toEqual(['no rate yet', 'no rate yet', '30']);
  });
});

describe('a value', () => {
  it('is compared by its name and its number', async () => {
    const look = async (text: string) =>
      build('snmp', { snmp: text })
        .begin(0)
        .look(world(0, { lvsGuestState: 1 }));
    expect(await look('lvsGuestState{guest=web-01} == running')).toEqual({ met: true, seen: 'running' });
    expect(await look('lvsGuestState{guest=web-01} == 1')).toMatchObject({ met: true });
    expect(await look('lvsGuestState{guest=web-01} != running')).toMatchObject({ met: false });
    expect(await look('lvsGuestState{guest=web-02} == running')).toEqual({
      met: false,
      seen: 'no such instance',
    });
    expect(await look('count(lvsGuestState{guest=web-*, state=running}) == 1')).toMatchObject({ met: true });
    expect(await look('count(lvsGuestState{state=paused}) == 0')).toMatchObject({ met: true });
  });
});

describe('a notification', () => {
  const told = (atMs: number, outcome?: 'sent' | 'acknowledged'): ToldNotification => ({
    host: 'host-1',
    name: 'lvsGuestStopped',
    oid: LIBVIRT_STATS_MIB.notifications.lvsGuestStopped.oid,
    atMs,
    varbinds: [],
    deliveries: new Map(outcome ? [['noc', outcome]] : []),
  });
  const look = async (wanted: object, notifications: readonly ToldNotification[]) =>
    build('notification', { notification: 'lvsGuestStopped', ...wanted })
      .begin(1000)
      .look({ ...world(5000, {}), notifications });

  it('counts from the time of its step on', async () => {
    expect(await look({}, [told(999)])).toMatchObject({ met: false });
    expect(await look({}, [told(1000)])).toMatchObject({ met: true, sinceMs: 1000 });
    expect(await look({ count: 2 }, [told(1000), told(3000)])).toMatchObject({ met: true, sinceMs: 3000 });
    expect(await look({ notification: 'lvsGuestStarted' }, [told(1000)])).toMatchObject({ met: false });
    expect(await look({ notification: 'lvsGuest*' }, [told(1000)])).toMatchObject({ met: true });
  });

  it('is not sent before it is on its way, and not acknowledged before it is answered', async () => {
    expect(await look({ to: 'noc' }, [told(1000)])).toMatchObject({
      met: false,
      seen: '1 sent, 0 delivered',
    });
    expect(await look({ to: 'noc' }, [told(1000, 'sent')])).toMatchObject({ met: true });
    expect(await look({ to: 'other' }, [told(1000, 'sent')])).toMatchObject({ met: false });
    expect(await look({ acknowledged: true }, [told(1000, 'sent')])).toMatchObject({ met: false });
    expect(await look({ acknowledged: true }, [told(1000, 'acknowledged')])).toMatchObject({ met: true });
  });
});

describe('a path into JSON', () => {
  const data = { a: { 'b.c': [1, 2], d: [{ e: 'x' }, { e: 'y' }] } };
  it.each([
    ['a.d[*].e', ['x', 'y']],
    ['$.a.d[1].e', ['y']],
    ['a["b.c"][0]', [1]],
    ['a.d.length', [2]],
    ['a.d[7].e', []],
    ['a.nothing.e', []],
    ['a.constructor', []],
  ])('%s', (path, values) => {
    expect(valuesAt(data, path)).toEqual(values);
  });
});
