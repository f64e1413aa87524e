import { nearest } from '../../config/nearest.ts';
import type { ModuleDefinition } from '../../mib/definition.ts';
import { LIBVIRT_MIB } from '../../mib/generated/libvirt-mib.ts';
import { SNMP_COMMUNITY_MIB } from '../../mib/generated/snmp-community-mib.ts';
import { SNMP_FRAMEWORK_MIB } from '../../mib/generated/snmp-framework-mib.ts';
import { SNMP_MPD_MIB } from '../../mib/generated/snmp-mpd-mib.ts';
import { SNMP_USER_BASED_SM_MIB } from '../../mib/generated/snmp-user-based-sm-mib.ts';
import { SNMP_VIEW_BASED_ACM_MIB } from '../../mib/generated/snmp-view-based-acm-mib.ts';
import { SNMPV2_MIB } from '../../mib/generated/snmpv2-mib.ts';
import { formatOid, isOid, type Oid, parseOid } from '../../util/oid.ts';

const MODULES: readonly ModuleDefinition[] = [
  SNMPV2_MIB,
  LIBVIRT_MIB,
  SNMP_COMMUNITY_MIB,
  SNMP_FRAMEWORK_MIB,
  SNMP_MPD_MIB,
  SNMP_USER_BASED_SM_MIB,
  SNMP_VIEW_BASED_ACM_MIB,
];

/** Sub-identifiers that are shown of one behind its name. */
const MAX_SHOWN = 40;

const oidsByName = new Map<string, Oid>();
/** Only of what can have instances: the name of a branch far above says little. */
const namesByOid = new Map<string, string>();

for (const { scalars, tables, nodes } of MODULES) {
  for (const [name, oid] of Object.entries(nodes)) oidsByName.set(name, oid);
  for (const [name, { oid }] of Object.entries(scalars)) addObject(name, oid);
  for (const [name, { oid, entry, entryName, columns }] of Object.entries(tables)) {
    addObject(name, oid);
    addObject(entryName, entry);
    for (const [column, definition] of Object.entries(columns)) addObject(column, definition.oid);
  }
}

function addObject(name: string, oid: Oid): void {
  oidsByName.set(name, oid);
  namesByOid.set(formatOid(oid), name);
}

/** What an OID was read as, or what is wrong with it and would be right. */
export type OidResult = { readonly oid: Oid } | { readonly problem: string; readonly change: string };

/**
 * Reads an OID in dotted decimal, or a name of one of this project's modules with numbers behind it:
 * `sysUpTime.0`, `SNMPv2-MIB::sysUpTime.0`.
 */
export function readOid(text: string): OidResult {
  const numeric = parseOid(text);
  if (numeric) return { oid: numeric };
  const named = /^(?:[A-Za-z][\w-]*::)?([A-Za-z][\w-]*)((?:\.\d{1,10})*)$/.exec(text);
  if (!named) {
    return {
      problem: `${JSON.stringify(text)} is not an OID`,
      change:
        'Give the OID as numbers with dots, such as 1.3.6.1.2.1.1.3.0, or as a name with an index, such as sysUpTime.0.',
    };
  }
  const [, name = '', index = ''] = named;
  const root = oidsByName.get(name);
  if (!root) {
    const like = nearest(name, [...oidsByName.keys()]);
    return {
      problem: `the name ${name} is not known here`,
      change: like
        ? `Write ${like} if that is meant, or give the OID in numbers (snmptranslate -On).`
        : 'Give the OID in numbers (snmptranslate -On): only the names of virtsnmp’s own modules are known here.',
    };
  }
  const oid = [...root, ...index.split('.').slice(1).map(Number)];
  if (isOid(oid)) return { oid };
  return {
    problem: `${JSON.stringify(text)} has a number above 4294967295, or too many`,
    change: 'An OID has at most 128 numbers of 0 to 4294967295.',
  };
}

/** An OID for people: by the name of its object where that is known, and cut where it is very long. */
export function nameOfOid(oid: Oid): string {
  for (let length = oid.length; length > 0; length--) {
    const name = namesByOid.get(formatOid(oid.slice(0, length)));
    if (name) return [name, ...shown(oid.slice(length))].join('.');
  }
  return shown(oid).join('.');
}

function shown(ids: Oid): (number | string)[] {
  return ids.length > MAX_SHOWN ? [...ids.slice(0, MAX_SHOWN), '..'] : [...ids];
}
