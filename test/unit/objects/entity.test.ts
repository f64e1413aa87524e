import { describe, expect, it } from 'vitest';
import type { Cause } from '../../../agent/emulation/cause.ts';
import { moduleKiB } from '../../../agent/emulation/platform/components.ts';
import { ERROR_STATUS } from '../../../agent/message/constants.ts';
import { ENTITY_MIB } from '../../../agent/mib/generated/entity-mib.ts';
import { ENTITY_SENSOR_MIB } from '../../../agent/mib/generated/entity-sensor-mib.ts';
import type { BoundModule, PreparedSet } from '../../../agent/mib/module.ts';
import { Registry } from '../../../agent/mib/registry.ts';
import type { Origin } from '../../../agent/objects/causes.ts';
import { DurableState } from '../../../agent/objects/durable-state.ts';
import { ConfigChange } from '../../../agent/objects/entity/config-change.ts';
import { Entities } from '../../../agent/objects/entity/entities.ts';
import { entityMib } from '../../../agent/objects/entity/index.ts';
import { OwnerNames } from '../../../agent/objects/entity/owner-names.ts';
import { entitySensorMib } from '../../../agent/objects/entity/sensor-mib.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';
import { expectOrder, expectSyntax, readRow, readTable, testRow } from '../../support/bound-module.ts';
import { InterfacesInOrder } from '../../support/interfaces-in-order.ts';
import { Fleet, FURNISHED } from '../emulation/fleet.ts';

const { chassis, port, sensor } = ENTITY_MIB.tables.entPhysicalTable.columns.entPhysicalClass.syntax.enums;
const CHASSIS = 1;
const BOARD = 65_537;
const PROCESSOR = 131_073;
const GIB_KIB = 2 ** 20;

function stage(profile: 'modern' | 'rhel6' = 'modern') {
  const fleet = new Fleet({ profile });
  const nowMs = () => fleet.clock.nowMs;
  const upTime = (atMs: number) => Math.floor(atMs / 10);
  const causes: (Cause | undefined)[] = [];
  const entities = new Entities(fleet.one, new InterfacesInOrder(), nowMs, (cause) => causes.push(cause));
  const names = new OwnerNames();
  const { keep } = new DurableState();
  return {
    fleet,
    entities,
    names,
    /** How often something changed. */
    told: () => causes.length,
    /** Who made each of the changes, as far as that is known. */
    causes,
    module: entityMib({ entities, names, upTime, keep }),
    sensors: entitySensorMib(fleet.one, entities, nowMs, upTime),
  };
}

function lastChange(module: BoundModule): unknown {
  return module.scalars['entLastChangeTime']!.read(undefined);
}

describe.each(['modern', 'rhel6'] as const)('the parts of a host of the era %s', (profile) => {
  const { module, sensors } = stage(profile);
  const parts = readTable(module, 'entPhysicalTable');

  it('bind every object', () => {
    expect(() => new Registry([module, sensors])).not.toThrow();
  });

  it.each(Object.keys(ENTITY_MIB.tables))('%s is in order', (table) => {
    expect(expectOrder(module, table) > 0).toBe(!/^entL/.test(table));
  });

  it('give values that fit their syntax', () => {
    expectSyntax(module, ENTITY_MIB);
    expectSyntax(sensors, ENTITY_SENSOR_MIB);
  });

  it('are one tree, which both tables say', () => {
    const indexes = new Set(parts.map(({ index }) => index[0]));
    const roots = parts.filter(({ values }) => values['entPhysicalContainedIn'] === 0);
    expect(roots.map(({ index, values }) => [index[0], values['entPhysicalClass']])).toEqual([
      [CHASSIS, chassis],
    ]);
    expect(roots[0]!.values['entPhysicalParentRelPos']).toBe(-1);
    expect(roots[0]!.values['entPhysicalUUID']).toHaveLength(16);
    const contained = parts
      .filter(({ values }) => values['entPhysicalContainedIn'] !== 0)
      .map(({ index, values }) => [values['entPhysicalContainedIn'], index[0]].join());
    expect(
      readTable(module, 'entPhysicalContainsTable')
        .map(({ index }) => index.join())
        .sort(),
    ).toEqual(contained.sort());
    for (const { index, values } of parts) {
      const container = values['entPhysicalContainedIn'] as number;
      expect(container === 0 || indexes.has(container)).toBe(true);
      expect(container).not.toBe(index[0]);
    }
    const places = parts.map(({ values }) =>
      ['ContainedIn', 'Class', 'ParentRelPos'].map((name) => values[`entPhysical${name}`]).join(),
    );
    expect(new Set(places).size).toBe(parts.length);
    const serials = parts
      .map(({ values }) => values['entPhysicalSerialNum'])
      .filter((serial) => serial !== '');
    expect(new Set(serials).size).toBe(serials.length);
  });

  it('map ports to interfaces, and nothing else', () => {
    const ports = parts.filter(({ values }) => values['entPhysicalClass'] === port);
    expect(readTable(module, 'entAliasMappingTable')).toEqual(
      ports.map(({ index }) => ({
        index: [...index, 0],
        values: { entAliasMappingIdentifier: [1, 3, 6, 1, 2, 1, 2, 2, 1, 1, 2] },
      })),
    );
    expect(ports).toHaveLength(1);
  });

  it('have a reading for each sensor', () => {
    const found = readTable(sensors, 'entPhySensorTable').map(({ index }) => index);
    expect(found).toEqual(
      parts.filter(({ values }) => values['entPhysicalClass'] === sensor).map(({ index }) => index),
    );
    expect(found).toHaveLength(4);
  });
});

describe('parts', () => {
  it('are as many as the host has', () => {
    const { module, fleet } = stage();
    const { cpu, memory } = fleet.one.config;
    const ofRange = (kind: number) =>
      readTable(module, 'entPhysicalTable').filter(({ index }) => index[0]! >> 16 === kind);
    expect(ofRange(2)).toHaveLength(cpu.sockets);
    expect(readRow(module, 'entPhysicalTable', PROCESSOR)).toMatchObject({
      entPhysicalDescr: 'AMD EPYC 7502 32-Core Processor',
      entPhysicalMfgName: 'AMD',
      entPhysicalContainedIn: BOARD,
      entPhysicalIsFRU: 1,
    });
    const modules = ofRange(3).map(({ values }) =>
      Number(/(\d+) GiB/.exec(String(values['entPhysicalDescr']))![1]),
    );
    const total = memory.nodesKiB.reduce((sum, kib) => sum + kib, 0);
    expect(modules.reduce((sum, gib) => sum + gib, 0)).toBe(total / GIB_KIB);
  });

  it('are memory modules of one size on each node, in 16 slots where that is possible', () => {
    expect(moduleKiB(64 * GIB_KIB)).toBe(4 * GIB_KIB);
    expect(moduleKiB(48 * GIB_KIB)).toBe(4 * GIB_KIB);
    expect(moduleKiB(16 * GIB_KIB)).toBe(GIB_KIB);
    expect(moduleKiB(2 ** 33)).toBe(256 * GIB_KIB);
    expect(moduleKiB(1000)).toBe(1000);
  });

  it('keep their numbers when another NIC comes, which is a change of its time', () => {
    const { module, fleet, entities, told } = stage();
    const before = readTable(module, 'entPhysicalTable').map(({ index }) => index[0]);
    expect(lastChange(module)).toBe(0);
    fleet.pass(10);
    const [nic] = FURNISHED.nics;
    const guest = fleet.define('a', { nics: [{ ...nic!, type: 'direct', source: 'eth7' }] });
    entities.review();
    expect([told(), lastChange(module)]).toEqual([0, 0]);
    fleet.act(guest, 'start');
    entities.review();
    expect([told(), lastChange(module)]).toEqual([1, 1000]);
    const after = readTable(module, 'entPhysicalTable').map(({ index }) => index[0]);
    expect(after.filter((index) => before.includes(index))).toEqual(before);
    expect(after).toHaveLength(before.length + 2);
    expect(
      readTable(module, 'entAliasMappingTable').map(({ values }) => values['entAliasMappingIdentifier']),
    ).toEqual([2, 3].map((ifIndex) => [1, 3, 6, 1, 2, 1, 2, 2, 1, 1, ifIndex]));
  });

  it('have changed when another image of the hypervisor runs, and not by a boot of the same', () => {
    const { module, fleet, entities, told } = stage();
    fleet.hypervisor.onEvent(() => entities.review());
    const software = () => readRow(module, 'entPhysicalTable', CHASSIS)!['entPhysicalSoftwareRev'];
    const reboot = () => {
      fleet.hypervisor.apply({ op: 'host', host: fleet.one, action: 'reboot' });
      fleet.pass(300);
    };
    reboot();
    expect([software(), told(), lastChange(module)]).toEqual(['ovirt-node-4.5.4-1', 0, 0]);
    const spec = { name: 'ovirt-node', version: '4.5.5-1', kind: 'image' } as const;
    fleet.hypervisor.apply({ op: 'host', host: fleet.one, action: { install: [spec] } });
    expect([software(), told()]).toEqual(['ovirt-node-4.5.4-1', 0]);
    reboot();
    expect([software(), told()]).toEqual(['ovirt-node-4.5.5-1', 1]);
    expect(lastChange(module)).toBe(Math.floor(fleet.one.bootedMs / 10));
  });
});

describe('what the owner calls the parts', () => {
  const index = (part: number) => [part] as const;
  const octets = (text: string) => new Uint8Array(Buffer.from(text));

  it('is set for good, counts as a change, and outlives the program', () => {
    const { module, names, fleet, told, causes } = stage();
    fleet.pass(7);
    const set = testRow(module, 'entPhysicalTable', index(PROCESSOR), {
      entPhysicalAlias: octets('left'),
      entPhysicalAssetID: octets('A-17'),
    }) as PreparedSet;
    set.commit();
    set.undo();
    expect([readRow(module, 'entPhysicalTable', PROCESSOR)!['entPhysicalAlias'], told()]).toEqual(['', 0]);
    set.commit();
    set.finish!();
    expect(readRow(module, 'entPhysicalTable', PROCESSOR)).toMatchObject({
      entPhysicalAlias: 'left',
      entPhysicalAssetID: 'A-17',
      entPhysicalUris: '',
    });
    expect([told(), lastChange(module)]).toEqual([1, 700]);
    expect(causes).toEqual(['manager']);
    const again = stage();
    again.names.restore(JSON.parse(JSON.stringify(names.snapshot())));
    expect(readRow(again.module, 'entPhysicalTable', PROCESSOR)).toMatchObject({
      entPhysicalAssetID: 'A-17',
    });
  });

  it.each([
    ['a serial number, which is printed', PROCESSOR, { entPhysicalSerialNum: octets('1') }, 'notWritable'],
    [
      'an account of what cannot be replaced',
      BOARD,
      { entPhysicalAssetID: octets('1') },
      'inconsistentValue',
    ],
    ['what is no text', PROCESSOR, { entPhysicalAlias: Uint8Array.of(0xff) }, 'wrongValue'],
    ['a part that is not there', 99, { entPhysicalAlias: octets('x') }, 'noCreation'],
  ] as const)('is not %s', (_what, part, values, status) => {
    const { module } = stage();
    expect(testRow(module, 'entPhysicalTable', index(part), values)).toMatchObject({
      refused: ERROR_STATUS[status],
    });
  });

  it.each([
    [[]],
    [7],
    [{ 1: { alias: 'a' } }],
    [{ x: { alias: '', assetId: '', uris: '' } }],
  ])('is not taken from %j', (stored) => {
    expect(() => new OwnerNames().restore(stored)).toThrow('alias, assetId and uris');
  });
});

describe('sensors', () => {
  it('show what the board’s sensors show, to their last decimal place', () => {
    const { sensors, fleet } = stage();
    fleet.one.sensors.advance(0, 0.5);
    fleet.pass(60);
    const readings = fleet.one.sensors.read(fleet.clock.nowMs);
    const rows = readTable(sensors, 'entPhySensorTable').map(({ values }) => values);
    expect(rows.map((row) => [row['entPhySensorType'], row['entPhySensorPrecision']])).toEqual([
      [8, 1],
      [8, 1],
      [6, 1],
      [10, 0],
    ]);
    rows.forEach((row, i) => {
      const shown = (row['entPhySensorValue'] as number) / 10 ** (row['entPhySensorPrecision'] as number);
      expect(Math.abs(shown - readings[i]!.value / 1000)).toBeLessThanOrEqual(i === 3 ? 0.5 : 0.05);
      expect(row).toMatchObject({
        entPhySensorScale: 9,
        entPhySensorOperStatus: 1,
        entPhySensorValueTimeStamp: 6000,
      });
    });
  });

  it('are not operational when they are out of range', () => {
    const { sensors, fleet } = stage();
    const [cpu] = fleet.one.config.sensors;
    fleet.one.sensors.breakDown(0, [cpu!.name]);
    fleet.pass(600);
    const status = readTable(sensors, 'entPhySensorTable').map(
      ({ values }) => values['entPhySensorOperStatus'],
    );
    expect(status).toEqual([3, 1, 1, 1]);
  });
});

describe('entConfigChange', () => {
  /** When it is told, in s, for changes at these times. */
  function toldAt(...changes: readonly number[]): number[] {
    const clock = new VirtualClock({ epochMs: 0 });
    const told: number[] = [];
    const change = new ConfigChange(clock, () => told.push(clock.nowMs / 1000));
    for (const at of changes) clock.schedule(at * 1000, () => change.note({ events: [] }));
    clock.advanceTo(100_000);
    return told;
  }

  it('is told at once, and once at the end of each 5 s in which there was more', () => {
    expect(toldAt(1)).toEqual([1]);
    expect(toldAt(1, 2, 3, 4)).toEqual([1, 6]);
    expect(toldAt(1, 2, 7, 8, 30)).toEqual([1, 6, 11, 30]);
    expect(toldAt(1, 1, 1)).toEqual([1, 6]);
    expect(toldAt(1, 6.001)).toEqual([1, 6.001]);
  });

  it('says what brought it about: all events of the period, or else who was the first', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    const told: Origin[] = [];
    const change = new ConfigChange(clock, (origin) => told.push(origin));
    const at = (seconds: number, origin: Origin) => clock.schedule(seconds * 1000, () => change.note(origin));
    at(1, { events: [], cause: 'manager' });
    at(2, { events: [], cause: 'host' });
    at(3, { events: [], cause: 'manager' });
    at(7, { events: [9, 8] });
    at(8, { events: [], cause: 'host' });
    at(9, { events: [8, 4] });
    clock.advanceTo(100_000);
    expect(told).toEqual([
      { events: [], cause: 'manager' },
      { events: [], cause: 'host' },
      { events: [4, 8, 9] },
    ]);
  });

  it('is not told once it is stopped', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    let told = 0;
    const change = new ConfigChange(clock, () => told++);
    change.note({ events: [] });
    change.note({ events: [] });
    change.stop();
    clock.advanceTo(10_000);
    expect(told).toBe(1);
  });
});
