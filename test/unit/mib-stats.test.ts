import { describe, expect, test } from 'vitest';
import { ALARM_KINDS, SEVERITIES } from '../../agent/emulation/alarm/alarm.ts';
import { IO_ERROR_ACTION } from '../../agent/emulation/block/block-consequence.ts';
import { BLOCK_JOB_STATUS, BLOCK_JOB_TYPE } from '../../agent/emulation/block/block-job.ts';
import { DISK_ERROR } from '../../agent/emulation/block/disk-places.ts';
import { BOOT_STAGES } from '../../agent/emulation/console/console-config.ts';
import { NAMESPACES } from '../../agent/emulation/container/namespaces.ts';
import {
  AGENT_REASON,
  AGENT_STATE,
  FAILURE_ACTION,
  FAILURE_FLAG,
  FAILURE_RECIPIENT,
  GRAPHICS_PHASE,
  WATCHDOG_EVENT_ACTION,
} from '../../agent/emulation/devices/consequence.ts';
import { CRASH_ACTIONS } from '../../agent/emulation/domain/domain-config.ts';
import { PRESSURE_LEVELS } from '../../agent/emulation/memory/host-memory.ts';
import { NUMA_MODES } from '../../agent/emulation/numa/numa-config.ts';
import {
  DOMAIN_STATE,
  EVENT_DETAILS,
  eventNumbers,
  LIFECYCLE_EVENT,
  STATE_REASONS,
  stateNumbers,
} from '../../agent/emulation/states.ts';
import { WATCHDOG_ACTIONS } from '../../agent/emulation/watchdog/watchdog-config.ts';
import { RUNSTATES } from '../../agent/emulation/xen/xen-time.ts';
import type { ColumnDefinition, ModuleDefinition } from '../../agent/mib/definition.ts';
import { moduleFolders } from '../../agent/mib/generate.ts';
import { LIBVIRT_MIB } from '../../agent/mib/generated/libvirt-mib.ts';
import { LIBVIRT_STATS_MIB } from '../../agent/mib/generated/libvirt-stats-mib.ts';
import { loadModules, readClauses } from '../../agent/mib/smi-modules.ts';

const MODULE: ModuleDefinition = LIBVIRT_STATS_MIB;
const ROOT = [1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 36957];
const HOST_TABLES = 'Cpu Node Huge Uplink Pool Software Sensor Alarm'
  .split(' ')
  .map((name) => `lvs${name}Table`);
const WRITABLE = [
  'lvsCtMemHigh',
  'lvsCtMemMax',
  'lvsCtPidsMax',
  'lvsCtSwapMax',
  'lvsDebugAction',
  'lvsDebugSerial',
  'lvsDebugSysRq',
  'lvsGuestAutostart',
  'lvsGuestCpuPeriod',
  'lvsGuestCpuQuota',
  'lvsGuestCpuShares',
  'lvsGuestVcpus',
  'lvsMemTarget',
];

const objects = new Map<string, ColumnDefinition>([
  ...Object.entries(MODULE.scalars),
  ...Object.values(MODULE.tables).flatMap((table) => Object.entries(table.columns)),
]);

function enumsOf(name: string): Readonly<Record<string, number>> {
  const { enums } = objects.get(name)?.syntax ?? {};
  if (enums === undefined) throw new Error(`${name} has no named numbers`);
  return enums;
}

/** A name of the models or of libvirt as a label of SMIv2: `NO_SPACE` and `no-space` become `noSpace`. */
function label(name: string): string {
  return name.toLowerCase().replace(/[-_](.)/g, (_, letter: string) => letter.toUpperCase());
}

function capital(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
}

function labels(numbers: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, number]) => [label(name), number]));
}

function numbered(names: readonly string[], first: number): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [label(name), first + i]));
}

test('stands at its root, with its arcs where sysObjectID and the notifications expect them', () => {
  expect(MODULE.oid).toEqual(ROOT);
  expect(MODULE.nodes).toMatchObject({
    lvsNotifications: [...ROOT, 0],
    lvsObjects: [...ROOT, 1],
    lvsConformance: [...ROOT, 2],
    lvsProducts: [...ROOT, 3],
    lvsProductVirtsnmp: [...ROOT, 3, 1],
  });
});

describe('tables', () => {
  test.each(Object.entries(MODULE.tables))('%s', (name, { index, augments, columns }) => {
    const [first] = index;
    if (HOST_TABLES.includes(name)) {
      expect(index.map((part) => part.syntax.base)).not.toContain('OctetString');
      expect(first!.module).toBeUndefined();
    } else {
      expect(first).toMatchObject({
        name: 'libvirtGuestUUID',
        module: 'LIBVIRT-MIB',
        implied: false,
        syntax: LIBVIRT_MIB.tables.libvirtGuestTable.columns.libvirtGuestUUID.syntax,
      });
    }
    expect(augments).toBe(name === 'lvsGuestTable' ? 'libvirtGuestEntry' : undefined);
    const prefix = name.replace(/Table$/, '');
    for (const column of Object.keys(columns)) expect(column.startsWith(prefix), column).toBe(true);
    // Column numbers have no gaps: GETNEXT over a table meets each of them.
    const numbers = Object.values(columns).map(({ oid }) => oid.at(-1));
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  });
});

test('what counts or measures says in what unit', () => {
  for (const [name, { syntax, units }] of objects) {
    if (/^(Counter|Gauge)/.test(syntax.base)) expect(units, name).toBeTruthy();
    if (name.endsWith('Time') && syntax.base === 'Counter64') expect(units, name).toBe('ns');
    if (/Octets$/.test(name)) expect(units, name).toBe('octets');
  }
});

test('exactly what a manager may change is writable, and no counter is', () => {
  const writable = [...objects].filter(
    ([, { access }]) => access === 'read-write' || access === 'read-create',
  );
  expect(writable.map(([name]) => name).sort()).toEqual(WRITABLE);
  for (const [name, { syntax }] of writable) expect(syntax.base, name).not.toMatch(/^Counter/);
});

test('a gauge of 64 bits says that it is none of the counters', () => {
  const gauges = [...objects].filter(([, { syntax }]) => syntax.convention === 'CounterBasedGauge64');
  expect(gauges.length).toBeGreaterThan(0);
  for (const [name, { syntax, units }] of gauges) {
    expect(syntax.base, name).toBe('Counter64');
    expect(['KiB', 'octets', 'pages', 'bit/s', 'octets/s'], name).toContain(units);
  }
});

describe('numbers are those of the models', () => {
  test('states and reasons', () => {
    expect(enumsOf('lvsGuestState')).toEqual(labels(DOMAIN_STATE));
    const expected = STATE_REASONS.map((each) => {
      const { state, reason } = stateNumbers(each);
      return state * 100 + reason;
    });
    const named = enumsOf('lvsGuestReason');
    expect(Object.values(named).sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
    // The two words of a name, run together: PAUSED/API_ERROR is pausedApiError, and IOERROR one word in libvirt.
    const byNumber = new Map(Object.entries(named).map(([name, number]) => [number, name.toLowerCase()]));
    for (const each of STATE_REASONS) {
      const { state, reason } = stateNumbers(each);
      expect(byNumber.get(state * 100 + reason)).toBe(each.replace(/[/_]/g, '').toLowerCase());
    }
  });

  test('devices and policies', () => {
    expect(enumsOf('lvsDiskJobType')).toEqual({ none: 0, ...labels(BLOCK_JOB_TYPE) });
    const { UNSPEC, ...errors } = DISK_ERROR;
    expect(enumsOf('lvsDiskError')).toEqual({ ...labels(errors), unspecified: UNSPEC });
    expect(enumsOf('lvsConsoleStage')).toEqual({ none: 0, ...numbered(BOOT_STAGES, 1), up: 10 });
    expect(enumsOf('lvsNsKind')).toEqual(numbered(NAMESPACES, 1));
    expect(enumsOf('lvsHostMemPressure')).toEqual(numbered(PRESSURE_LEVELS, 1));
    expect(enumsOf('lvsMemNumaMode')).toEqual(numbered(NUMA_MODES, 0));
    expect(enumsOf('lvsXenState')).toEqual(numbered(RUNSTATES, 0));
    expect(enumsOf('lvsWatchdogAction')).toEqual({ ...labels(WATCHDOG_EVENT_ACTION), dump: 7 });
    expect(Object.keys(enumsOf('lvsWatchdogAction')).sort()).toEqual(WATCHDOG_ACTIONS.map(label).sort());
    expect(Object.keys(enumsOf('lvsGuestOnCrash')).sort()).toEqual(CRASH_ACTIONS.map(label).sort());
  });
});

describe('notifications', () => {
  const numberOf = (name: string) => MODULE.notifications[name]?.oid.at(-1);

  test('stand where their events are, by number', () => {
    for (const { oid } of Object.values(MODULE.notifications)) expect(oid.slice(0, -1)).toEqual([...ROOT, 0]);
    for (const [event, number] of Object.entries(LIFECYCLE_EVENT)) {
      const name = event === 'PMSUSPENDED' ? 'PmSuspended' : capital(label(event));
      expect(numberOf(`lvsGuest${name}`), event).toBe(number + 1);
    }
    const { none, lifecycle, ...others } = enumsOf('lvsEventId');
    expect([none, lifecycle]).toEqual([-1, 0]);
    for (const [event, number] of Object.entries(others)) {
      const name = capital(event).replace(/^Pm./, (start) => `Pm${start.at(-1)!.toUpperCase()}`);
      expect(numberOf(`lvsGuest${name}`), event).toBe(number + 10);
    }
    expect(Object.values(others)).toEqual(Array.from({ length: 26 }, (_, i) => i + 1));
    ALARM_KINDS.forEach((kind, i) => {
      expect(numberOf(`lvs${capital(kind)}Raised`), kind).toBe(101 + i);
      expect(numberOf(`lvs${capital(kind)}Cleared`), kind).toBe(201 + i);
    });
  });

  test('carry the same objects first, and those of a guest in the same places', () => {
    const first = MODULE.notifications['lvsHostUp']!.objects.slice(0, 6);
    expect(first.every((name) => /^lvs(Host|Event)/.test(name))).toBe(true);
    for (const [name, { objects: carried }] of Object.entries(MODULE.notifications)) {
      expect(carried.slice(0, 6), name).toEqual(first);
      if (!name.startsWith('lvsGuest') || /(Oom|Crashed)(Raised|Cleared)$/.test(name)) continue;
      const guest = ['libvirtGuestName', 'libvirtGuestUUID', 'lvsGuestState', 'lvsGuestReason'];
      expect(carried.slice(6, 10), name).toEqual(guest);
    }
  });

  test('have the numbers of libvirt', () => {
    const details = EVENT_DETAILS.map((each) => {
      const { major, minor } = eventNumbers(each);
      return [each.replace(/[/_]/g, '').toLowerCase(), major * 100 + minor];
    });
    const named = Object.entries(enumsOf('lvsEventDetail')).map(([name, number]) => [
      name.toLowerCase(),
      number,
    ]);
    expect(named).toEqual([['none', -1], ...details]);
    expect(enumsOf('lvsEventWatchdogAction')).toEqual(labels(WATCHDOG_EVENT_ACTION));
    expect(enumsOf('lvsEventIoErrorAction')).toEqual(labels(IO_ERROR_ACTION));
    expect(enumsOf('lvsEventGraphicsPhase')).toEqual(labels(GRAPHICS_PHASE));
    expect(enumsOf('lvsEventBlockJobType')).toEqual({ unknown: 0, ...labels(BLOCK_JOB_TYPE) });
    expect(enumsOf('lvsEventBlockJobStatus')).toEqual(labels(BLOCK_JOB_STATUS));
    expect(enumsOf('lvsEventAgentState')).toEqual(labels(AGENT_STATE));
    expect(enumsOf('lvsEventAgentReason')).toEqual(labels(AGENT_REASON));
    expect(enumsOf('lvsEventFailureRecipient')).toEqual(labels(FAILURE_RECIPIENT));
    expect(enumsOf('lvsEventFailureAction')).toEqual(labels(FAILURE_ACTION));
    const bits = Object.entries(enumsOf('lvsEventFailureFlags')).map(([name, bit]) => [name, 1 << bit]);
    expect(Object.fromEntries(bits)).toEqual(labels(FAILURE_FLAG));
    const { cleared, ...raised } = enumsOf('lvsAlarmSeverity');
    expect(Object.keys(raised).sort()).toEqual([...SEVERITIES].sort());
    expect(enumsOf('lvsEventSeverity')).toEqual({ cleared, ...raised, informational: 7 });
    expect(enumsOf('lvsAlarmKind')).toEqual(Object.fromEntries(ALARM_KINDS.map((kind, i) => [kind, i + 1])));
  });
});

describe('conformance', () => {
  const loaded = loadModules(moduleFolders(), [MODULE.name]);
  const tokens = loaded.parser.SymbolBuffer[MODULE.name] ?? [];
  const groupsOf = (macro: string) =>
    tokens.filter((_, i) => tokens[i + 1] === macro && /^lvs/.test(tokens[i]!));
  const groups = groupsOf('OBJECT-GROUP');
  const notificationGroups = groupsOf('NOTIFICATION-GROUP');
  const start = tokens.indexOf('MODULE-COMPLIANCE', tokens.indexOf('lvsCompliance')) + 1;
  const statement = tokens
    .slice(start, tokens.indexOf('::=', start))
    .filter((token) => !token.startsWith('"'));
  const behind = (keyword: string) => statement.filter((_, i) => statement[i - 1] === keyword);

  test('every object that can be read is in exactly one group', () => {
    const members = groups.flatMap((group) =>
      (readClauses(loaded, MODULE.name, group, 'OBJECT-GROUP').get('OBJECTS') ?? '').match(/\w+/g),
    );
    const readable = [...objects].filter(([, { access }]) => access !== 'not-accessible');
    expect(members.sort()).toEqual(readable.map(([name]) => name).sort());
  });

  test('every group is mandatory, or on a condition', () => {
    const open = statement.indexOf('MANDATORY-GROUPS');
    const mandatory = statement
      .slice(open, statement.indexOf('}', open))
      .filter((token) => /^lvs\w/.test(token));
    expect(mandatory).toContain('lvsGuestGroup');
    expect([...mandatory, ...behind('GROUP')].sort()).toEqual([...groups, ...notificationGroups].sort());
  });

  test('every notification is in exactly one group', () => {
    const members = notificationGroups.flatMap((group) =>
      (readClauses(loaded, MODULE.name, group, 'NOTIFICATION-GROUP').get('NOTIFICATIONS') ?? '').match(
        /\w+/g,
      ),
    );
    expect(members.sort()).toEqual(Object.keys(MODULE.notifications).sort());
  });

  test('nothing has to be writable', () => {
    expect(behind('OBJECT').sort()).toEqual(WRITABLE);
    expect(behind('MIN-ACCESS')).toEqual(WRITABLE.map(() => 'read-only'));
  });
});
