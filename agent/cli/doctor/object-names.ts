import { ALL_MODULES } from '../../mib/generated/all-modules.ts';
import { formatOid, type Oid } from '../../util/oid.ts';

/** Sub-identifiers that are shown of one behind its name. */
const MAX_SHOWN = 40;

/** Only of what can have instances: the name of a branch far above says little. */
const namesByOid = new Map<string, string>();

for (const { scalars, tables } of ALL_MODULES) {
  for (const [name, { oid }] of Object.entries(scalars)) namesByOid.set(formatOid(oid), name);
  for (const [name, { oid, entry, entryName, columns }] of Object.entries(tables)) {
    namesByOid.set(formatOid(oid), name).set(formatOid(entry), entryName);
    for (const [column, definition] of Object.entries(columns)) {
      namesByOid.set(formatOid(definition.oid), column);
    }
  }
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
