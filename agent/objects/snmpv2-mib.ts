import type { SnmpCounters } from '../message/counters.ts';
import type { ModuleDefinition } from '../mib/definition.ts';
import { SNMPV2_MIB } from '../mib/generated/snmpv2-mib.ts';
import type { Accessor, BoundModule, ScalarBinding, SetTest } from '../mib/module.ts';
import { SortedRows } from '../mib/rows.ts';
import type { Value } from '../mib/value.ts';
import type { Oid } from '../util/oid.ts';
import type { DurableState } from './durable-state.ts';
import type { SystemSettings, SystemValues } from './system-settings.ts';
import { type RandomOctets, testAndIncr } from './test-and-incr.ts';

/** What SNMPv2-MIB shows beside the counters. */
export interface SystemObjects {
  /** sysDescr. */
  readonly descr: string;
  /** sysObjectID. */
  readonly objectId: Oid;
  readonly settings: SystemSettings;
  /** Where what managers set outlives the program. */
  readonly durable: DurableState;
  readonly counters: SnmpCounters;
  /** Hundredths of a second since the agent started. */
  readonly upTimeCentiseconds: () => number;
  /** For snmpSetSerialNo's first value. */
  readonly randomOctets: RandomOctets;
}

/** One row of sysORTable: a MIB module that the agent serves. */
interface ServedModule {
  readonly id: Oid;
  readonly descr: string;
  readonly upTimeCentiseconds: number;
}

/** Layers 4 (end-to-end) and 7 (applications): what a host that offers services has (RFC 3418 sysServices). */
const SYS_SERVICES = 2 ** (4 - 1) + 2 ** (7 - 1);
const AUTHEN_TRAPS = { enabled: 1, disabled: 2 } as const;

/** SNMPv2-MIB (RFC 3418) of one agent, which serves `others` beside it. */
export function snmpv2Mib(system: SystemObjects, others: readonly BoundModule[]): BoundModule {
  const { settings, counters } = system;
  const startedAt = system.upTimeCentiseconds();
  const served = new SortedRows<ServedModule>();
  const list = (definition: ModuleDefinition, descr: string) =>
    served.set([served.size + 1], { id: definition.oid, descr, upTimeCentiseconds: startedAt });
  list(SNMPV2_MIB, DESCRIPTION);
  for (const module of others) list(module.definition, module.description);
  return {
    definition: SNMPV2_MIB,
    description: DESCRIPTION,
    scalars: {
      sysDescr: { read: () => system.descr },
      sysObjectID: { read: () => system.objectId },
      sysUpTime: { read: system.upTimeCentiseconds },
      sysContact: textSetting(system, 'contact'),
      sysName: textSetting(system, 'name'),
      sysLocation: textSetting(system, 'location'),
      sysServices: { read: () => SYS_SERVICES },
      sysORLastChange: { read: () => startedAt },
      snmpEnableAuthenTraps: {
        read: () => (settings.values.authenTraps ? AUTHEN_TRAPS.enabled : AUTHEN_TRAPS.disabled),
        testSet: (value) => settingChange(system, { authenTraps: value === AUTHEN_TRAPS.enabled }),
      },
      snmpSetSerialNo: testAndIncr(system.randomOctets),
      ...counterBindings(counters),
    },
    tables: {
      sysORTable: {
        rows: served,
        columns: {
          sysORID: (row: ServedModule) => row.id,
          sysORDescr: (row: ServedModule) => row.descr,
          sysORUpTime: (row: ServedModule) => row.upTimeCentiseconds,
        },
      },
    },
  };
}

const DESCRIPTION = 'The MIB module for SNMP entities';

/** Which counter each object of the snmp group shows. */
const COUNTERS: Readonly<Record<string, keyof SnmpCounters>> = {
  snmpInPkts: 'inPkts',
  snmpOutPkts: 'outPkts',
  snmpInBadVersions: 'inBadVersions',
  snmpInBadCommunityNames: 'inBadCommunityNames',
  snmpInBadCommunityUses: 'inBadCommunityUses',
  snmpInASNParseErrs: 'inAsnParseErrs',
  snmpInTooBigs: 'inTooBigs',
  snmpInNoSuchNames: 'inNoSuchNames',
  snmpInBadValues: 'inBadValues',
  snmpInReadOnlys: 'inReadOnlys',
  snmpInGenErrs: 'inGenErrs',
  snmpInTotalReqVars: 'inTotalReqVars',
  snmpInTotalSetVars: 'inTotalSetVars',
  snmpInGetRequests: 'inGetRequests',
  snmpInGetNexts: 'inGetNexts',
  snmpInSetRequests: 'inSetRequests',
  snmpInGetResponses: 'inGetResponses',
  snmpInTraps: 'inTraps',
  snmpOutTooBigs: 'outTooBigs',
  snmpOutNoSuchNames: 'outNoSuchNames',
  snmpOutBadValues: 'outBadValues',
  snmpOutGenErrs: 'outGenErrs',
  snmpOutGetRequests: 'outGetRequests',
  snmpOutGetNexts: 'outGetNexts',
  snmpOutSetRequests: 'outSetRequests',
  snmpOutGetResponses: 'outGetResponses',
  snmpOutTraps: 'outTraps',
  snmpSilentDrops: 'silentDrops',
  snmpProxyDrops: 'proxyDrops',
};

function counterBindings(counters: SnmpCounters): Record<string, { read: Accessor<undefined> }> {
  return Object.fromEntries(
    Object.entries(COUNTERS).map(([name, key]) => [name, { read: () => counters[key] }]),
  );
}

function textSetting(system: SystemObjects, key: 'contact' | 'name' | 'location'): ScalarBinding {
  return {
    read: () => system.settings.values[key],
    testSet: (value: Value) =>
      settingChange(system, { [key]: Buffer.from(value as Uint8Array).toString('latin1') }),
  };
}

function settingChange({ settings, durable }: SystemObjects, values: Partial<SystemValues>): SetTest {
  let undo = () => {};
  return durable.keep({
    commit() {
      undo = settings.change(values);
    },
    undo: () => undo(),
  });
}
