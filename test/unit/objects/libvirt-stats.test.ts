import { describe, expect, it } from 'vitest';
import { Writer } from '../../../agent/ber/writer.ts';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import { generateDomains } from '../../../agent/emulation/inventory/generated.ts';
import { ERROR_STATUS } from '../../../agent/message/constants.ts';
import type { ScalarDefinition } from '../../../agent/mib/definition.ts';
import { LIBVIRT_STATS_MIB } from '../../../agent/mib/generated/libvirt-stats-mib.ts';
import type { BoundModule, SetTest } from '../../../agent/mib/module.ts';
import { Registry } from '../../../agent/mib/registry.ts';
import { appendValue, BASE_TAGS, type Value } from '../../../agent/mib/value.ts';
import { libvirtStatsMib } from '../../../agent/objects/libvirt-stats/index.ts';
import { readInstance } from '../../support/bound-module.ts';
import { Fleet } from '../emulation/fleet.ts';

const REQUESTER = { securityModel: 2, securityName: 'test', securityLevel: 1 };

/** A made-up host of 24 guests, some seconds after its start, with the module over it. */
function stage(profile: 'modern' | 'rhel6' = 'modern'): {
  fleet: Fleet;
  module: BoundModule;
  of: (name: string) => Domain;
} {
  const fleet = new Fleet({ profile });
  const configs = generateDomains({ hostName: 'one', hostIndex: 0, guests: 24, seed: 1 });
  fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
  fleet.pass(30);
  const module = libvirtStatsMib(fleet.hypervisor, fleet.one, (atMs) => Math.floor(atMs / 10));
  return { fleet, module, of: (name) => fleet.one.domains.byName(name)! };
}

/** The sub-identifiers of a row's index. */
function indexAt(module: BoundModule, table: string, position: number): number[] {
  const writer = new Writer();
  const start = writer.end;
  module.tables[table]!.rows.appendIndex(position, writer);
  const ids: number[] = [];
  let id = 0;
  for (const octet of writer.bytes.subarray(start, writer.end)) {
    id = id * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      ids.push(id);
      id = 0;
    }
  }
  return ids;
}

/** Every row of a table: its index and its values by column. */
function* rowsOf(
  module: BoundModule,
  table: string,
): Generator<[number[], Record<string, Value | undefined>]> {
  const { rows, columns } = module.tables[table]!;
  for (let at = rows.first(); at >= 0; at = rows.next(at)) {
    const index = indexAt(module, table, at);
    const values = Object.keys(columns).map(
      (name) => [name, readInstance(module, table, name, index)] as const,
    );
    yield [index, Object.fromEntries(values)];
  }
}

const TABLES = Object.keys(LIBVIRT_STATS_MIB.tables).filter((name) => name !== 'lvsAlarmTable');

describe.each(['modern', 'rhel6'] as const)('LIBVIRT-STATS-MIB of a host of the era %s', (profile) => {
  const { module } = stage(profile);

  it('binds every object', () => {
    expect(() => new Registry([module])).not.toThrow();
  });

  it.each(TABLES)('%s has rows, in order, that are found by their index', (table) => {
    const { rows } = module.tables[table]!;
    let before: number[] | undefined;
    let count = 0;
    for (let at = rows.first(); at >= 0; at = rows.next(at)) {
      const index = indexAt(module, table, at);
      expect(rows.find(index, 0, index.length)).toBe(at);
      expect(rows.find([...index, 0], 0, index.length + 1)).toBe(-1);
      if (before) {
        expect(rows.after(before, 0, before.length)).toBe(at);
        // What lies between two rows leads to the second.
        expect(rows.after([...before, 0], 0, before.length + 1)).toBe(at);
      }
      before = index;
      count++;
    }
    expect(count).toBeGreaterThan(0);
    expect(rows.after(before!, 0, before!.length)).toBe(-1);
    expect(rows.after([], 0, 0)).toBe(rows.first());
  });

  it('gives values that fit their syntax', () => {
    const writer = new Writer();
    const check = (name: string, object: ScalarDefinition, value: Value | undefined) => {
      if (value === undefined) return;
      writer.end = 0;
      expect(() => appendValue(writer, BASE_TAGS[object.syntax.base], value), name).not.toThrow();
      if (object.syntax.enums) expect(Object.values(object.syntax.enums), name).toContain(value);
      for (const [low, high] of object.syntax.ranges ?? []) {
        if ((object.syntax.ranges?.length ?? 0) > 1) continue;
        expect(value, name).toBeGreaterThanOrEqual(low);
        expect(value, name).toBeLessThanOrEqual(high);
      }
    };
    for (const [name, { read }] of Object.entries(module.scalars))
      check(name, LIBVIRT_STATS_MIB.scalars[name as keyof typeof LIBVIRT_STATS_MIB.scalars], read(undefined));
    for (const table of TABLES) {
      const { columns } = LIBVIRT_STATS_MIB.tables[table as keyof typeof LIBVIRT_STATS_MIB.tables];
      for (const [, values] of rowsOf(module, table))
        for (const [name, value] of Object.entries(values))
          check(name, (columns as Record<string, ScalarDefinition>)[name]!, value);
    }
  });
});

describe('what a real host would not have', () => {
  const { module, of } = stage();
  const uuid = (name: string) => [...of(name).uuidOctets];
  const values = (table: string, name: string, ...rest: number[]) => {
    const index = [...uuid(name), ...rest];
    const isThere = module.tables[table]!.rows.find(index, 0, index.length) >= 0;
    return isThere ? (column: string) => readInstance(module, table, column, index) : undefined;
  };

  it('is absent, not 0', () => {
    expect(values('lvsVcpuTable', 'cache-01', 0)).toBeUndefined();
    expect(values('lvsMemTable', 'cache-01')).toBeUndefined();
    expect(values('lvsXenTable', 'db-01', 0)).toBeUndefined();
    expect(values('lvsCtTable', 'db-01')).toBeUndefined();
    expect(values('lvsWatchdogTable', 'db-01')).toBeUndefined();
    expect(values('lvsMemTable', 'template-01')).toBeUndefined();
    expect(values('lvsMemTable', 'router-01')!('lvsMemUnused')).toBeUndefined();
    expect(values('lvsMemTable', 'db-01')!('lvsMemUnused')).toBeGreaterThan(0);
    expect(values('lvsVcpuTable', 'db-01', 0)!('lvsVcpuPeriods')).toBeUndefined();
    expect(values('lvsQueueTable', 'db-01', 0, 0, 1)!('lvsQueueKicks')).toBeUndefined();
    expect(values('lvsQueueTable', 'db-01', 0, 0, 2)!('lvsQueueKicks')).toBeGreaterThan(0);
    expect(values('lvsQueueTable', 'desktop-01', 0, 0, 1)).toBeUndefined();
    expect(values('lvsGuestTable', 'legacy-01')!('lvsGuestCpuQuota')).toBeUndefined();
    expect(values('lvsDiskTable', 'db-01', 0)!('lvsDiskJobDone')).toBeUndefined();
    expect(values('lvsDiskTable', 'db-01', 0)!('lvsDiskJobType')).toBe(0);
  });
});

describe('tables agree at every instant', () => {
  it('within one guest, with LIBVIRT-MIB, and with the host', () => {
    const { fleet, module, of } = stage();
    /** The rows of each table that was looked at in this instant. */
    const looked = new Map<string, [number[], Record<string, Value | undefined>][]>();
    const sum = (table: string, column: string, uuid: Uint8Array) => {
      let total = 0;
      const rows = looked.get(table) ?? [...rowsOf(module, table)];
      looked.set(table, rows);
      for (const [index, values] of rows)
        if (uuid.every((octet, i) => index[i] === octet))
          total += (values[column] as number | undefined) ?? 0;
      return total;
    };
    const script = ['suspend', 'resume', 'reset', 'destroy', 'start'] as const;
    for (let i = 0; i < 12; i++) {
      looked.clear();
      fleet.clock.advanceTo(fleet.clock.nowMs + 137 + i * 311);
      const change = { op: 'act', domain: of('app-01'), action: script[i % script.length]! } as const;
      if (!fleet.hypervisor.check(change)) fleet.hypervisor.apply(change);
      for (const domain of fleet.one.domains) {
        const { uuidOctets: uuid, process } = domain;
        if (!process) continue;
        const guest = module.tables['lvsGuestTable']!.columns;
        expect(guest['lvsGuestCpuTime']!(domain)).toBe(domain.cpuTimeNs);
        if (!process.container) {
          const vcpus = sum('lvsVcpuTable', 'lvsVcpuTime', uuid);
          expect(vcpus + domain.emulatorTimeNs).toBe(domain.cpuTimeNs);
          expect(sum('lvsMemTable', 'lvsMemCurrent', uuid)).toBe(domain.memoryKiB);
          expect(sum('lvsVcpuTable', 'lvsVcpuStealTime', uuid)).toBe(guest['lvsGuestStealTime']!(domain));
        }
        if (process.ram && process.ram.guest.backing !== 'hugepages') {
          expect(
            sum('lvsGuestNodeTable', 'lvsGuestNodeMemory', uuid) + sum('lvsMemTable', 'lvsMemMerged', uuid),
          ).toBe(sum('lvsMemTable', 'lvsMemResident', uuid));
        }
      }
      const virtio = of('db-01').uuidOctets;
      expect(sum('lvsQueueTable', 'lvsQueueFrames', virtio)).toBe(
        sum('lvsNicTable', 'lvsNicRxFrames', virtio) + sum('lvsNicTable', 'lvsNicTxFrames', virtio),
      );
      const pool = [...rowsOf(module, 'lvsPoolTable')][0]![1];
      expect((pool['lvsPoolAllocation'] as number) + (pool['lvsPoolAvailable'] as number)).toBe(
        pool['lvsPoolCapacity'],
      );
    }
  });
});

describe('sets', () => {
  const set = (
    module: BoundModule,
    table: string,
    domain: Domain,
    values: Record<string, Value>,
  ): SetTest => {
    const { rows, testSet } = module.tables[table]!;
    const index = [...domain.uuidOctets];
    const at = rows.find(index, 0, index.length);
    const row = at < 0 ? undefined : rows.row(at);
    return testSet!({ row, index, values: new Map(Object.entries(values)), requester: REQUESTER });
  };
  const carryOut = (test: SetTest) => {
    if ('refused' in test) throw new Error(`refused: ${test.refused} ${test.column}`);
    test.commit();
    test.finish?.();
  };

  it.each([
    [
      'lvsGuestTable',
      { lvsGuestVcpus: 3, lvsGuestCpuQuota: 40_000 },
      (d: Domain) => [d.vcpus, d.config.cputune?.quotaUs],
      [3, 40_000],
    ],
    ['lvsGuestTable', { lvsGuestCpuShares: 512 }, (d: Domain) => d.config.cputune?.shares, 512],
    ['lvsGuestTable', { lvsGuestAutostart: 1 }, (d: Domain) => d.persistentConfig.autostart, true],
    ['lvsMemTable', { lvsMemTarget: 16_777_216 }, (d: Domain) => d.config.currentMemoryKiB, 16_777_216],
    ['lvsDebugTable', { lvsDebugAction: 2 }, (d: Domain) => d.devices?.kernel?.nmiInjections, 1],
    ['lvsDebugTable', { lvsDebugSysRq: Buffer.from('s') }, (d: Domain) => d.devices?.kernel?.sysrqHandled, 1],
  ] as const)('%s %j is done', (table, values, read, expected) => {
    const { module, of } = stage();
    const domain = of('db-01');
    carryOut(set(module, table, domain, values));
    expect(read(domain)).toEqual(expected);
  });

  it.each([
    ['lvsGuestTable', 'db-01', { lvsGuestVcpus: 9 }, ERROR_STATUS.inconsistentValue, 'lvsGuestVcpus'],
    ['lvsGuestTable', 'cache-01', { lvsGuestVcpus: 1 }, ERROR_STATUS.inconsistentValue, 'lvsGuestVcpus'],
    ['lvsGuestTable', 'db-01', { lvsGuestCpuShares: 1 }, ERROR_STATUS.wrongValue, 'lvsGuestCpuShares'],
    [
      'lvsGuestTable',
      'cache-01',
      { lvsGuestCpuShares: 10_001 },
      ERROR_STATUS.wrongValue,
      'lvsGuestCpuShares',
    ],
    ['lvsGuestTable', 'legacy-01', { lvsGuestCpuQuota: 5000 }, ERROR_STATUS.noCreation, 'lvsGuestCpuQuota'],
    ['lvsMemTable', 'db-01', { lvsMemTarget: 4_000_000_000 }, ERROR_STATUS.inconsistentValue, 'lvsMemTarget'],
    ['lvsMemTable', 'template-01', { lvsMemTarget: 1024 }, ERROR_STATUS.noCreation, undefined],
    ['lvsDebugTable', 'db-01', { lvsDebugSysRq: Buffer.from('#') }, ERROR_STATUS.wrongValue, 'lvsDebugSysRq'],
    [
      'lvsDebugTable',
      'db-01',
      { lvsDebugSerial: 1, lvsDebugAction: 2 },
      ERROR_STATUS.inconsistentValue,
      'lvsDebugSerial',
    ],
    ['lvsDebugTable', 'cache-01', { lvsDebugAction: 2 }, ERROR_STATUS.noCreation, undefined],
  ] as const)('%s of %s %j is refused', (table, name, values, refused, column) => {
    const { module, of } = stage();
    expect(set(module, table, of(name), values)).toEqual(
      column === undefined ? { refused } : { refused, column },
    );
  });

  it('limits of a container hold from the next tick on', () => {
    const { fleet, module, of } = stage();
    const cache = of('cache-01');
    carryOut(set(module, 'lvsCtTable', cache, { lvsCtMemMax: 524_288, lvsCtPidsMax: 12 }));
    fleet.pass(3);
    const [, values] = [...rowsOf(module, 'lvsCtTable')].find(([index]) =>
      cache.uuidOctets.every((octet, i) => index[i] === octet),
    )!;
    expect(values['lvsCtMemMax']).toBe(524_288);
    expect(values['lvsCtMemCurrent']).toBeLessThanOrEqual(524_288);
    expect(values['lvsCtPidsMax']).toBe(12);
    // It may swap as much as it likes.
    expect(values['lvsCtSwapCurrent']).toBeGreaterThan(0);
  });

  it('the serial number of debugging steps with each set, and not with one that is undone', () => {
    const { module, of } = stage();
    const domain = of('db-01');
    const serial = () => {
      const { rows, columns } = module.tables['lvsDebugTable']!;
      return columns['lvsDebugSerial']!(rows.row(rows.find([...domain.uuidOctets], 0, 16))) as number;
    };
    const first = serial();
    const test = set(module, 'lvsDebugTable', domain, { lvsDebugSerial: first, lvsDebugAction: 2 });
    if ('refused' in test) throw new Error('refused');
    test.commit();
    expect(serial()).toBe(first + 1);
    test.undo();
    expect(serial()).toBe(first);
    expect(domain.devices?.kernel?.nmiInjections).toBe(0);
    carryOut(set(module, 'lvsDebugTable', domain, { lvsDebugSerial: first, lvsDebugAction: 2 }));
    expect(set(module, 'lvsDebugTable', domain, { lvsDebugSerial: first, lvsDebugAction: 2 })).toHaveProperty(
      'refused',
    );
  });
});

it('lvsGuestBoots goes on through a start of the guest and a boot of its host', () => {
  const fleet = new Fleet();
  const guest = fleet.define('a', { autostart: true });
  const module = libvirtStatsMib(fleet.hypervisor, fleet.one, (atMs) => Math.floor(atMs / 10));
  const boots = () => [...rowsOf(module, 'lvsGuestTable')].map(([, { lvsGuestBoots }]) => lvsGuestBoots);
  expect(boots()).toEqual([0]);
  fleet.act(guest, 'start');
  fleet.act(guest, 'reset');
  expect(boots()).toEqual([2]);
  fleet.act(guest, 'destroy');
  fleet.act(guest, 'start');
  expect(boots()).toEqual([3]);
  fleet.hypervisor.apply({ op: 'host', host: fleet.one, action: 'reboot' });
  fleet.pass(600);
  expect(fleet.one.boots).toBe(2);
  expect(boots()).toEqual([4]);
});
