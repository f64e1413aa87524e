import { formatOid, type Oid } from '../util/oid.ts';
import type { ModuleDefinition } from './definition.ts';
import { namesIn } from './served.ts';

/**
 * Where the objects and notifications of each module are: as few subtrees as hold all of them and nothing of another
 * module, each an identifier that the module itself names. Modules that define neither are left out.
 *
 * A module is one subtree where it has an arc of its own. IF-MIB has two, and linkUp and linkDown amid the notifications
 * of SNMPv2-MIB, which for that reason is many.
 */
export function moduleSubtrees(modules: readonly ModuleDefinition[]): ReadonlyMap<string, readonly Oid[]> {
  const owners = new Map<string, string | undefined>();
  for (const module of modules)
    for (const oid of partsOf(module))
      for (const prefix of prefixes(oid)) {
        const key = formatOid(prefix);
        owners.set(key, owners.has(key) && owners.get(key) !== module.name ? undefined : module.name);
      }
  const subtrees = modules.map((module) => [module.name, subtreesOf(module, owners)] as const);
  return new Map(subtrees.filter(([, found]) => found.length > 0));
}

function subtreesOf(module: ModuleDefinition, owners: ReadonlyMap<string, string | undefined>): Oid[] {
  const named = new Set([module.oid, ...Array.from(namesIn(module), ([, oid]) => oid)].map(formatOid));
  const found = new Map<string, Oid>();
  for (const part of partsOf(module)) {
    const subtree = prefixes(part).find((prefix) => {
      const key = formatOid(prefix);
      return named.has(key) && owners.get(key) === module.name;
    })!;
    found.set(formatOid(subtree), subtree);
  }
  return [...found.values()];
}

function partsOf({ scalars, tables, notifications }: ModuleDefinition): Oid[] {
  return [scalars, tables, notifications].flatMap((parts) => Object.values(parts).map(({ oid }) => oid));
}

/** From the shortest on; the identifier itself is the last. */
function prefixes(oid: Oid): Oid[] {
  return oid.map((_, at) => oid.slice(0, at + 1));
}
