import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { ColumnDefinition, ModuleDefinition, ObjectSyntax } from '../../agent/mib/definition.ts';
import { findDifferences, generateFiles, moduleFolders, SERVED_MODULES } from '../../agent/mib/generate.ts';
import { ALARM_MIB } from '../../agent/mib/generated/alarm-mib.ts';
import { DISMAN_EVENT_MIB } from '../../agent/mib/generated/disman-event-mib.ts';
import { ENTITY_MIB } from '../../agent/mib/generated/entity-mib.ts';
import { ENTITY_SENSOR_MIB } from '../../agent/mib/generated/entity-sensor-mib.ts';
import { HOST_RESOURCES_MIB } from '../../agent/mib/generated/host-resources-mib.ts';
import { HOST_RESOURCES_TYPES } from '../../agent/mib/generated/host-resources-types.ts';
import { IF_MIB } from '../../agent/mib/generated/if-mib.ts';
import { LIBVIRT_MIB } from '../../agent/mib/generated/libvirt-mib.ts';
import { LIBVIRT_STATS_MIB } from '../../agent/mib/generated/libvirt-stats-mib.ts';
import { NOTIFICATION_LOG_MIB } from '../../agent/mib/generated/notification-log-mib.ts';
import { SNMP_COMMUNITY_MIB } from '../../agent/mib/generated/snmp-community-mib.ts';
import { SNMP_FRAMEWORK_MIB } from '../../agent/mib/generated/snmp-framework-mib.ts';
import { SNMP_MPD_MIB } from '../../agent/mib/generated/snmp-mpd-mib.ts';
import { SNMP_NOTIFICATION_MIB } from '../../agent/mib/generated/snmp-notification-mib.ts';
import { SNMP_TARGET_MIB } from '../../agent/mib/generated/snmp-target-mib.ts';
import { SNMP_USER_BASED_SM_MIB } from '../../agent/mib/generated/snmp-user-based-sm-mib.ts';
import { SNMP_USM_DH_OBJECTS_MIB } from '../../agent/mib/generated/snmp-usm-dh-objects-mib.ts';
import { SNMP_VIEW_BASED_ACM_MIB } from '../../agent/mib/generated/snmp-view-based-acm-mib.ts';
import { SNMPV2_MIB } from '../../agent/mib/generated/snmpv2-mib.ts';
import { VM_MIB } from '../../agent/mib/generated/vm-mib.ts';
import { loadModules } from '../../agent/mib/smi-modules.ts';
import { readModule } from '../../agent/mib/smi-reader.ts';

const FACTS = new URL('../../../shared/facts/', import.meta.url);
const GENERATED = new URL('../../agent/mib/generated/', import.meta.url).pathname;
const SERVED: readonly ModuleDefinition[] = [
  ALARM_MIB,
  DISMAN_EVENT_MIB,
  IF_MIB,
  ENTITY_MIB,
  ENTITY_SENSOR_MIB,
  HOST_RESOURCES_MIB,
  HOST_RESOURCES_TYPES,
  LIBVIRT_MIB,
  LIBVIRT_STATS_MIB,
  NOTIFICATION_LOG_MIB,
  SNMP_COMMUNITY_MIB,
  SNMP_FRAMEWORK_MIB,
  SNMP_MPD_MIB,
  SNMP_NOTIFICATION_MIB,
  SNMP_TARGET_MIB,
  SNMP_USER_BASED_SM_MIB,
  SNMP_USM_DH_OBJECTS_MIB,
  SNMP_VIEW_BASED_ACM_MIB,
  SNMPV2_MIB,
  VM_MIB,
];
/** Modules with a text in `mibs/` that others import from, or that is read by managers only. */
const NOT_SERVED = ['SNMP-USM-AES-MIB'];

/** Modules of conventions alone, whose name does not say so. */
const CONVENTIONS_ONLY = [
  ...['IANA-ENTITY-MIB', 'IANA-STORAGE-MEDIA-TYPE-MIB', 'INET-ADDRESS-MIB', 'RMON2-MIB', 'UUID-TC-MIB'],
];

/** Modules for which there is no fact table. */
const WITHOUT_FACTS = ['ENTITY-SENSOR-MIB', 'LIBVIRT-STATS-MIB', 'SNMP-USM-DH-OBJECTS-MIB'];

/** Every scalar and column of a module by name. */
function objectsOf(module: ModuleDefinition): Map<string, ColumnDefinition> {
  const columns = Object.values(module.tables).flatMap((table) => Object.entries(table.columns));
  return new Map([...Object.entries(module.scalars), ...columns]);
}

test('every served module has a committed definition, and that is what its text says', () => {
  expect(SERVED.map((module) => module.name).sort()).toEqual([...SERVED_MODULES].sort());
  expect(findDifferences(GENERATED, generateFiles(moduleFolders(), SERVED_MODULES))).toEqual([]);
});

describe.each(SERVED.map((module) => [module.name, module] as const))('%s', (_name, module) => {
  test('gives no OID twice', () => {
    const oids = [
      module.oid,
      ...Object.values(module.nodes),
      ...Object.values(module.notifications).map(({ oid }) => oid),
      ...Object.values(module.scalars).map(({ oid }) => oid),
      ...Object.values(module.tables).flatMap((table) => [
        table.oid,
        table.entry,
        ...Object.values(table.columns).map(({ oid }) => oid),
      ]),
    ].map((oid) => oid.join('.'));
    expect(oids.length).toBe(new Set(oids).size);
  });

  test('has columns under their row, in order, and index columns that exist', () => {
    for (const table of Object.values(module.tables)) {
      expect(table.entry).toEqual([...table.oid, 1]);
      const columns = Object.values(table.columns);
      expect(columns.length).toBeGreaterThan(0);
      const numbers = columns.map(({ oid }) => {
        expect(oid.slice(0, -1)).toEqual(table.entry);
        return oid.at(-1)!;
      });
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      expect(table.index.length).toBeGreaterThan(0);
      for (const part of table.index) {
        if (part.module === undefined) expect(objectsOf(module).get(part.name)?.syntax).toEqual(part.syntax);
      }
    }
  });

  test('names objects in its notifications that can be notified', () => {
    const objects = new Map(SERVED.flatMap((served) => [...objectsOf(served)]));
    for (const notification of Object.values(module.notifications)) {
      for (const name of notification.objects) {
        expect(objects.get(name)?.access, name).toMatch(/^(accessible-for-notify|read-)/);
      }
    }
  });

  test('has bounds that are in order', () => {
    for (const [name, { syntax }] of objectsOf(module)) {
      for (const [low, high] of [...(syntax.ranges ?? []), ...(syntax.sizes ?? [])]) {
        expect(low, name).toBeLessThanOrEqual(high);
      }
      if (syntax.enums) expect(Object.keys(syntax.enums), name).not.toEqual([]);
    }
  });
});

// The fact tables are kept beside the project, not in it.
const factsAbsent = !existsSync(new URL('LIBVIRT-MIB.tsv', FACTS));
if (factsAbsent)
  console.warn(`the comparison with the fact tables is skipped: there is no ${FACTS.pathname}`);

interface Fact {
  readonly name: string;
  readonly oid: string;
  readonly kind: string;
  readonly syntax: string;
  readonly enums: string;
  readonly access: string;
  readonly status: string;
  readonly index: string;
  readonly objects: string;
  readonly units: string;
  readonly hint: string;
  readonly base: string;
}

function readFacts(module: string): Fact[] {
  const [header = '', ...lines] = readFileSync(new URL(`${module}.tsv`, FACTS), 'utf8')
    .trimEnd()
    .split('\n');
  const keys = header.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(keys.map((key, i) => [key, cells[i] ?? ''])) as unknown as Fact;
  });
}

/** What RFC 4502 says of it: there are no other facts of RMON2-MIB. */
const ZERO_BASED_COUNTER: Fact = {
  ...{ name: 'ZeroBasedCounter32', oid: '', kind: 'tc', syntax: 'Gauge32', enums: '', access: '' },
  ...{ status: 'current', index: '', objects: '', units: '', hint: '', base: 'Gauge32' },
};

/** A fact with nothing but what is said of it, of ENTITY-MIB where it does not say where else. */
function fact(name: string, oid: string, kind: string, rest: Partial<Fact> = {}): Fact {
  const nothing = { syntax: '', enums: '', access: '', status: 'current', index: '', objects: '', units: '' };
  return { ...nothing, hint: '', base: '', name, oid: `1.3.6.1.2.1.47.${oid}`, kind, ...rest };
}

/** What RFC 2981 says of the resources and of the objects of notifications, which its facts leave out. */
function eventFacts(): Fact[] {
  const at = (oid: string) => ({ oid: `1.3.6.1.2.1.88.${oid}` });
  const object = (name: string, oid: string, kind: string, syntax: string, base: string, access: string) =>
    fact(name, '', kind, { ...at(oid), syntax, base, access });
  const instances = { units: 'instances' };
  const minimum = 'Integer32 (1..2147483647)';
  const name = 'SnmpAdminString (SIZE (1..32))';
  const create = 'read-create';
  return [
    fact('mteResource', '', 'node', at('1.1')),
    {
      ...object('mteResourceSampleMinimum', '1.1.1', 'scalar', minimum, 'Integer32', 'read-write'),
      units: 'seconds',
    },
    {
      ...object(
        'mteResourceSampleInstanceMaximum',
        '1.1.2',
        'scalar',
        'Unsigned32',
        'Unsigned32',
        'read-write',
      ),
      ...instances,
    },
    {
      ...object('mteResourceSampleInstances', '1.1.3', 'scalar', 'Gauge32', 'Gauge32', 'read-only'),
      ...instances,
    },
    {
      ...object('mteResourceSampleInstancesHigh', '1.1.4', 'scalar', 'Gauge32', 'Gauge32', 'read-only'),
      ...instances,
    },
    {
      ...object('mteResourceSampleInstanceLacks', '1.1.5', 'scalar', 'Counter32', 'Counter32', 'read-only'),
      ...instances,
    },
    fact('mteObjects', '', 'node', at('1.3')),
    fact('mteObjectsTable', '', 'table', at('1.3.1')),
    fact('mteObjectsEntry', '', 'row', {
      ...at('1.3.1.1'),
      index: 'mteOwner, mteObjectsName, mteObjectsIndex',
    }),
    object('mteObjectsName', '1.3.1.1.1', 'column', name, 'OCTET STRING', 'not-accessible'),
    object(
      ...(['mteObjectsIndex', '1.3.1.1.2', 'column', 'Unsigned32 (1..4294967295)', 'Unsigned32'] as const),
      'not-accessible',
    ),
    object('mteObjectsID', '1.3.1.1.3', 'column', 'OBJECT IDENTIFIER', 'OBJECT IDENTIFIER', create),
    object('mteObjectsIDWildcard', '1.3.1.1.4', 'column', 'TruthValue', 'INTEGER', create),
    object('mteObjectsEntryStatus', '1.3.1.1.5', 'column', 'RowStatus', 'INTEGER', create),
    fact('dismanEventResourceGroup', '', 'group', at('3.2.1')),
    fact('dismanEventObjectsGroup', '', 'group', at('3.2.3')),
  ];
}

/** Facts of a column: its syntax, and what that is on the wire. */
function column(name: string, oid: string, syntax: string, base: string, access = 'read-only'): Fact {
  return fact(name, oid, 'column', { syntax, base, access });
}

/** What RFC 6933 says of the logical entities and the mappings, which the facts of ENTITY-MIB leave out. */
const ENTITY_FACTS_LEFT_OUT: readonly Fact[] = [
  fact('entityLogical', '1.2', 'node'),
  fact('entLogicalTable', '1.2.1', 'table'),
  fact('entLogicalEntry', '1.2.1.1', 'row', { index: 'entLogicalIndex' }),
  column('entLogicalIndex', '1.2.1.1.1', 'Integer32 (1..2147483647)', 'Integer32', 'not-accessible'),
  column('entLogicalDescr', '1.2.1.1.2', 'SnmpAdminString', 'OCTET STRING'),
  column('entLogicalType', '1.2.1.1.3', 'AutonomousType', 'OBJECT IDENTIFIER'),
  {
    ...column('entLogicalCommunity', '1.2.1.1.4', 'OCTET STRING (SIZE (0..255))', 'OCTET STRING'),
    status: 'deprecated',
  },
  column('entLogicalTAddress', '1.2.1.1.5', 'TAddress', 'OCTET STRING'),
  column('entLogicalTDomain', '1.2.1.1.6', 'TDomain', 'OBJECT IDENTIFIER'),
  column('entLogicalContextEngineID', '1.2.1.1.7', 'SnmpEngineIdOrNone', 'OCTET STRING'),
  column('entLogicalContextName', '1.2.1.1.8', 'SnmpAdminString', 'OCTET STRING'),
  fact('entityMapping', '1.3', 'node'),
  fact('entLPMappingTable', '1.3.1', 'table'),
  fact('entLPMappingEntry', '1.3.1.1', 'row', { index: 'entLogicalIndex, entLPPhysicalIndex' }),
  column('entLPPhysicalIndex', '1.3.1.1.1', 'PhysicalIndex', 'Integer32'),
  fact('entAliasMappingTable', '1.3.2', 'table'),
  fact('entAliasMappingEntry', '1.3.2.1', 'row', { index: 'entPhysicalIndex, entAliasLogicalIndexOrZero' }),
  column(
    ...(['entAliasLogicalIndexOrZero', '1.3.2.1.1', 'Integer32 (0..2147483647)', 'Integer32'] as const),
    'not-accessible',
  ),
  column('entAliasMappingIdentifier', '1.3.2.1.2', 'RowPointer', 'OBJECT IDENTIFIER'),
  fact('entPhysicalContainsTable', '1.3.3', 'table'),
  fact('entPhysicalContainsEntry', '1.3.3.1', 'row', { index: 'entPhysicalIndex, entPhysicalChildIndex' }),
  column('entPhysicalChildIndex', '1.3.3.1.1', 'PhysicalIndex', 'Integer32'),
  fact('entityLogicalGroup', '3.2.2', 'group'),
  fact('entityMappingGroup', '3.2.3', 'group'),
  fact('entityLogical2Group', '3.2.7', 'group'),
];

/** Reduces a syntax to the terms of the fact tables' columns `syntax`, `enums` and `base`. */
function bareSyntax(syntax: ObjectSyntax): Pick<ObjectSyntax, 'base' | 'ranges' | 'sizes' | 'enums'> {
  const { convention: _, displayHint: __, ...bare } = syntax;
  return bare;
}

/** The syntax that a fact states, with its textual convention looked up among `conventions`. */
function factSyntax(fact: Fact, conventions: ReadonlyMap<string, Fact>): ObjectSyntax {
  const [, type = '', restriction = ''] = /^([^({]+?)\s*(?:\((.*)\))?$/.exec(fact.syntax) ?? [];
  const convention = conventions.get(type);
  const inherited = convention === undefined ? {} : bareSyntax(factSyntax(convention, conventions));
  const bases: Record<string, ObjectSyntax['base']> = {
    INTEGER: 'Integer32',
    'OCTET STRING': 'OctetString',
    'OBJECT IDENTIFIER': 'ObjectIdentifier',
    BITS: 'Bits',
  };
  const enums = [...fact.enums.matchAll(/([\w-]+)\((-?\d+)\)/g)].map(([, name, value]) => [
    name,
    Number(value),
  ]);
  const bounds = restriction
    .replace(/^SIZE \((.*)\)$/, '$1')
    .split('|')
    .map((part) => part.trim().split('..').map(Number))
    .map(([low, high = low]) => [low, high] as [number, number]);
  return {
    ...inherited,
    base: bases[fact.base] ?? (fact.base as ObjectSyntax['base']),
    ...(restriction === '' ? {} : restriction.startsWith('SIZE') ? { sizes: bounds } : { ranges: bounds }),
    ...(enums.length === 0 ? {} : { enums: Object.fromEntries(enums) }),
  };
}

describe.skipIf(factsAbsent)('compared with the published facts', () => {
  const others = NOT_SERVED;
  const loaded = factsAbsent ? undefined : loadModules(moduleFolders(), others);
  const served = SERVED.filter(({ name }) => !WITHOUT_FACTS.includes(name));
  const modules = loaded ? [...served, ...others.map((name) => readModule(loaded, name))] : [];

  test.each(modules.map((module) => [module.name, module] as const))('%s', (name, module) => {
    const facts = [
      ...readFacts(name),
      ...(name === ENTITY_MIB.name ? ENTITY_FACTS_LEFT_OUT : []),
      ...(name === DISMAN_EVENT_MIB.name ? eventFacts() : []),
    ];
    const conventionFacts = [
      ...['SNMPv2-TC', 'IANAifType-MIB', 'SNMP-FRAMEWORK-MIB', 'SNMP-TARGET-MIB', 'INET-ADDRESS-MIB'],
      ...['IF-MIB', 'IANA-ENTITY-MIB', 'IANA-STORAGE-MEDIA-TYPE-MIB', 'UUID-TC-MIB'],
    ]
      .flatMap(readFacts)
      .concat(facts);
    const conventions = new Map(
      conventionFacts.filter(({ kind }) => kind === 'tc').map((fact) => [fact.name, fact]),
    );
    conventions.set('ZeroBasedCounter32', ZERO_BASED_COUNTER);
    const objects = objectsOf(module);
    const tables = Object.values(module.tables);
    const compared = { object: 0, table: 0, row: 0, notification: 0, node: 0 };

    for (const fact of facts) {
      if (fact.kind === 'scalar' || fact.kind === 'column') {
        const object = objects.get(fact.name);
        expect(object, fact.name).toBeDefined();
        expect(object!.oid.join('.')).toBe(fact.oid);
        expect([fact.name, object!.access, object!.status]).toEqual([fact.name, fact.access, fact.status]);
        expect(object!.units ?? '').toBe(fact.units);
        expect(fact.name in module.scalars).toBe(fact.kind === 'scalar');
        // The facts keep six of the interface types only.
        if (!fact.syntax.startsWith('IANAifType')) {
          expect([fact.name, bareSyntax(object!.syntax)]).toEqual([fact.name, factSyntax(fact, conventions)]);
        }
        const [type = ''] = fact.syntax.split(' (');
        expect([fact.name, object!.syntax.convention]).toEqual([
          fact.name,
          conventions.has(type) ? type : undefined,
        ]);
        expect([fact.name, object!.syntax.displayHint ?? '']).toEqual([
          fact.name,
          conventions.get(type)?.hint ?? '',
        ]);
        compared.object++;
      } else if (fact.kind === 'table') {
        expect(module.tables[fact.name]?.oid.join('.'), fact.name).toBe(fact.oid);
        expect(module.tables[fact.name]?.status).toBe(fact.status);
        compared.table++;
      } else if (fact.kind === 'row') {
        const table = tables.find(({ entryName }) => entryName === fact.name);
        expect(table?.entry.join('.'), fact.name).toBe(fact.oid);
        const index = table!.index.map((part) => `${part.implied ? 'IMPLIED ' : ''}${part.name}`).join(', ');
        const augments = table!.augments === undefined ? '' : `AUGMENTS ${table!.augments}: `;
        expect(augments + index).toBe(fact.index);
        compared.row++;
      } else if (fact.kind === 'notification') {
        const notification = module.notifications[fact.name];
        expect(notification?.oid.join('.'), fact.name).toBe(fact.oid);
        expect(notification!.objects.join(', ')).toBe(fact.objects);
        expect(notification!.status).toBe(fact.status);
        compared.notification++;
      } else if (fact.kind !== 'tc' && fact.syntax !== 'MODULE-IDENTITY') {
        expect(module.nodes[fact.name]?.join('.'), fact.name).toBe(fact.oid);
        compared.node++;
      }
    }
    expect(facts.find(({ syntax }) => syntax === 'MODULE-IDENTITY')?.oid).toBe(module.oid.join('.'));
    expect(compared).toMatchObject({
      object: objects.size,
      table: tables.length,
      row: tables.length,
      notification: Object.keys(module.notifications).length,
    });
    // LIBVIRT-MIB has conformance groups of its own besides.
    if (module !== LIBVIRT_MIB) expect(compared.node).toBe(Object.keys(module.nodes).length);
  });
});

test('ENTITY-SENSOR-MIB is as RFC 3433 has it', () => {
  const { entPhySensorTable } = ENTITY_SENSOR_MIB.tables;
  expect(ENTITY_SENSOR_MIB.oid).toEqual([1, 3, 6, 1, 2, 1, 99]);
  expect(entPhySensorTable.oid).toEqual([1, 3, 6, 1, 2, 1, 99, 1, 1]);
  expect(entPhySensorTable.index).toMatchObject([{ name: 'entPhysicalIndex', module: 'ENTITY-MIB' }]);
  const columns: readonly (readonly [string, ColumnDefinition])[] = Object.entries(entPhySensorTable.columns);
  expect(
    columns.map(([name, { oid, syntax }]) => [name, oid.at(-1), syntax.base, syntax.convention]),
  ).toEqual([
    ['entPhySensorType', 1, 'Integer32', 'EntitySensorDataType'],
    ['entPhySensorScale', 2, 'Integer32', 'EntitySensorDataScale'],
    ['entPhySensorPrecision', 3, 'Integer32', 'EntitySensorPrecision'],
    ['entPhySensorValue', 4, 'Integer32', 'EntitySensorValue'],
    ['entPhySensorOperStatus', 5, 'Integer32', 'EntitySensorStatus'],
    ['entPhySensorUnitsDisplay', 6, 'OctetString', 'SnmpAdminString'],
    ['entPhySensorValueTimeStamp', 7, 'TimeTicks', 'TimeStamp'],
    ['entPhySensorValueUpdateRate', 8, 'Unsigned32', undefined],
  ]);
  const { entPhySensorType, entPhySensorScale, entPhySensorOperStatus, entPhySensorValueUpdateRate } =
    entPhySensorTable.columns;
  expect(entPhySensorType.syntax.enums).toMatchObject({ watts: 6, celsius: 8, rpm: 10, truthvalue: 12 });
  // The RFC has exa and peta the wrong way round.
  expect(entPhySensorScale.syntax.enums).toMatchObject({ milli: 8, units: 9, kilo: 10, exa: 14, peta: 15 });
  expect(entPhySensorOperStatus.syntax.enums).toEqual({ ok: 1, unavailable: 2, nonoperational: 3 });
  expect(entPhySensorValueUpdateRate.units).toBe('milliseconds');
});

test('the authentication protocols of RFC 7860 have their OIDs', () => {
  const name = 'SNMP-USM-HMAC-SHA2-MIB';
  const module = readModule(loadModules(moduleFolders(), [name]), name);
  expect(module.oid).toEqual([1, 3, 6, 1, 2, 1, 235]);
  expect(module.nodes).toEqual({
    usmHMAC128SHA224AuthProtocol: [1, 3, 6, 1, 6, 3, 10, 1, 1, 4],
    usmHMAC192SHA256AuthProtocol: [1, 3, 6, 1, 6, 3, 10, 1, 1, 5],
    usmHMAC256SHA384AuthProtocol: [1, 3, 6, 1, 6, 3, 10, 1, 1, 6],
    usmHMAC384SHA512AuthProtocol: [1, 3, 6, 1, 6, 3, 10, 1, 1, 7],
  });
});

const snmptranslate = (module: string, ...args: string[]) =>
  spawnSync('snmptranslate', ['-M', moduleFolders().join(':'), '-m', module, ...args], {
    encoding: 'utf8',
    env: {
      ...process.env,
      MIBS: '',
      MIBDIRS: '',
      SNMPCONFPATH: '/nonexistent',
      SNMP_PERSISTENT_DIR: tmpdir(),
    },
  });
const toolAbsent = snmptranslate('', '-V').error !== undefined;
if (toolAbsent) console.warn('the check with snmptranslate (Debian: snmp) is skipped: it is not installed');

describe.skipIf(toolAbsent && process.env['CI'] !== 'true')('Net-SNMP reads', () => {
  const [folder = ''] = moduleFolders();
  const texts = readdirSync(folder).map((file) => file.replace(/\.txt$/, ''));
  // A module of conventions alone has no name that stands for an OID.
  const modules = texts.filter((text) => !text.endsWith('-TC') && !CONVENTIONS_ONLY.includes(text));
  const loaded = loadModules(moduleFolders(), texts);

  test.each(modules)('%s without a warning, and resolves every name', (text) => {
    const module = readModule(loaded, text);
    const names = [
      ...objectsOf(module),
      ...Object.entries(module.tables),
      ...Object.values(module.tables).map((table) => [table.entryName, { oid: table.entry }] as const),
      ...Object.entries(module.notifications),
      ...Object.entries(module.nodes).map(([name, oid]) => [name, { oid }] as const),
    ];
    expect(names.length).toBeGreaterThan(0);
    const result = snmptranslate(text, '-IR', '-On', ...names.map(([name]) => name));
    // A first run tells of the folder that it keeps certificates in.
    expect(result.stderr.replace(/^Created directory: .*\n/m, '')).toBe('');
    expect(result.stdout.split('\n').filter(Boolean)).toEqual(
      names.map(([, { oid }]) => `.${oid.join('.')}`),
    );
  });

  test('all texts at once, complaining of none', () => {
    const { stderr, stdout } = snmptranslate('ALL', '-IR', '-On', 'usmUserStatus');
    expect(stdout).toBe('.1.3.6.1.6.3.15.1.2.2.1.13\n');
    // RFC-1215 of the package net-snmp names a parent that it does not import.
    expect(texts.filter((text) => stderr.includes(text))).toEqual([]);
  });

  test('an index of LIBVIRT-MIB in the usual form of a UUID', () => {
    const guest = [139, 215, 228, 119, 231, 52, 95, 190, 144, 113, 220, 42, 241, 32, 82, 209].join('.');
    const result = snmptranslate('LIBVIRT-MIB', '-OX', `.1.3.6.1.4.1.36957.1.1.1.3.${guest}`);
    expect(result.stdout.trim()).toBe(
      'LIBVIRT-MIB::libvirtGuestState[STRING: 8bd7e477-e734-5fbe-9071-dc2af12052d1]',
    );
  });
});
