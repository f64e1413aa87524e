import { describe, expect, it } from 'vitest';
import { ALL_MODULES } from '../../../agent/mib/generated/all-modules.ts';
import { moduleSubtrees } from '../../../agent/mib/module-subtrees.ts';
import { isPrefix } from '../../../agent/mib/registry.ts';
import { formatOid, type Oid } from '../../../agent/util/oid.ts';

const subtrees = moduleSubtrees(ALL_MODULES);

/** The modules whose subtrees an identifier is in. */
function holders(oid: Oid): string[] {
  return [...subtrees]
    .filter(([, roots]) => roots.some((root) => isPrefix(root, oid, 0, oid.length)))
    .map(([name]) => name);
}

describe('the subtrees of modules', () => {
  it('hold each object and notification of their module, and none of another', () => {
    for (const { name, scalars, tables, notifications } of ALL_MODULES) {
      const columns = Object.values(tables).flatMap((table) => Object.values(table.columns));
      for (const { oid } of [...Object.values(scalars), ...columns, ...Object.values(notifications)])
        expect([formatOid(oid), holders(oid)]).toEqual([formatOid(oid), [name]]);
    }
  });

  it('are as few as can be', () => {
    const text = (name: string) => subtrees.get(name)!.map(formatOid);
    expect(text('LIBVIRT-STATS-MIB')).toEqual(['1.3.6.1.4.1.8072.9999.9999.36957']);
    const link = '1.3.6.1.6.3.1.1.5';
    expect(text('IF-MIB')).toEqual(['1.3.6.1.2.1.2', '1.3.6.1.2.1.31', `${link}.3`, `${link}.4`]);
    expect(text('SNMPv2-MIB')).toContain(`${link}.1`);
    expect(text('SNMPv2-MIB')).not.toContain(link);
  });

  it('are none of a module that has neither objects nor notifications', () => {
    expect(subtrees.has('HOST-RESOURCES-TYPES')).toBe(false);
  });
});
