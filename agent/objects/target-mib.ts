import type { SnmpCounters } from '../message/counters.ts';
import { SNMP_TARGET_MIB } from '../mib/generated/snmp-target-mib.ts';
import type { BoundModule, TableBinding } from '../mib/module.ts';
import { type AddressRow, isTagList, type ParamsRow } from '../notify/target-rows.ts';
import type { TargetTables } from '../notify/target-tables.ts';
import { isTransportDomain } from '../notify/transport-address.ts';
import type { Oid } from '../util/oid.ts';
import {
  adminString,
  type Codec,
  column,
  integer,
  type Keep,
  managedBinding,
  octets,
  settable,
} from './managed-binding.ts';
import { type RandomOctets, testAndIncr } from './test-and-incr.ts';

const hasText = (text: string) => text !== '';
/** Text until which a column has no value. */
const name = settable(adminString, hasText);

/** A transport domain: only of those in which something can be sent (wrongValue). */
const domain: Codec<Oid> = settable(
  { toValue: (field) => field, fromValue: (value) => value as Oid },
  isTransportDomain,
);

/** SnmpTagList (RFC 3413 section 4.1.1). */
const tagList: Codec<string> = {
  toValue: adminString.toValue,
  fromValue(value) {
    const text = adminString.fromValue(value);
    return text !== undefined && isTagList(text) ? text : undefined;
  },
};

/**
 * SNMP-TARGET-MIB (RFC 3413): where messages can be sent to and how, read and changed by managers.
 *
 * Rows of the configuration are readOnly: they change there. `keep` makes what managers change outlive the program and
 * count from the next notification on.
 */
export function targetMib(
  tables: TargetTables,
  counters: SnmpCounters,
  keep: Keep,
  randomOctets: RandomOctets,
): BoundModule {
  return {
    definition: SNMP_TARGET_MIB,
    description: 'Where notifications are sent to, and how',
    scalars: {
      snmpTargetSpinLock: testAndIncr(randomOctets),
      // A context that is there is always within reach: all that is served is in this process.
      snmpUnavailableContexts: { read: () => 0 },
      snmpUnknownContexts: { read: () => counters.unknownContexts },
    },
    tables: {
      snmpTargetAddrTable: addressTable(tables, keep),
      snmpTargetParamsTable: paramsTable(tables, keep),
    },
  };
}

function addressTable({ addresses }: TargetTables, keep: Keep): TableBinding<AddressRow> {
  return managedBinding(
    addresses,
    {
      snmpTargetAddrTDomain: column('domain', domain),
      snmpTargetAddrTAddress: column(
        'address',
        settable(octets, ({ length }) => length > 0),
      ),
      snmpTargetAddrTimeout: column('timeoutCentiseconds', integer()),
      snmpTargetAddrRetryCount: column('retries', integer()),
      snmpTargetAddrTagList: column('tags', tagList),
      snmpTargetAddrParams: column('params', name),
      snmpTargetAddrStorageType: column('storageType', integer()),
      snmpTargetAddrRowStatus: column('status', integer()),
    },
    keep,
  );
}

function paramsTable({ params }: TargetTables, keep: Keep): TableBinding<ParamsRow> {
  return managedBinding(
    params,
    {
      snmpTargetParamsMPModel: column(
        'processingModel',
        settable(integer(), (model) => model >= 0),
      ),
      snmpTargetParamsSecurityModel: column(
        'securityModel',
        settable(integer(), (model) => model > 0),
      ),
      snmpTargetParamsSecurityName: column('securityName', name),
      snmpTargetParamsSecurityLevel: column(
        'securityLevel',
        settable(integer(), (level) => level > 0),
      ),
      snmpTargetParamsStorageType: column('storageType', integer()),
      snmpTargetParamsRowStatus: column('status', integer()),
    },
    keep,
  );
}
