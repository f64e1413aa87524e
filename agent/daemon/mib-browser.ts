import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MibInstance, MibObject, MibSource } from '../control/mib-source.ts';
import type { Host } from '../emulation/host/host.ts';
import type { ModuleDefinition, ObjectSyntax, ScalarDefinition } from '../mib/definition.ts';
import { readDescriptions } from '../mib/descriptions.ts';
import { indexText } from '../mib/index-text.ts';
import { type Instance, instanceAfter } from '../mib/instances.ts';
import type { Registry } from '../mib/registry.ts';
import { valueText } from '../mib/value-text.ts';
import { compareOids, formatOid, type Oid, parseOid } from '../util/oid.ts';
import { mibFolders } from '../util/package-info.ts';

/** The column whose values are secrets: communities (RFC 3584 section 6). */
const SECRET = 'snmpCommunityName';
const NUMBERS = /^\d{1,10}(\.\d{1,10})*$/;

/** An agent as it is looked at. */
export interface BrowsedAgent {
  readonly registry: Registry;
  /** See {@link MibSource.reach}. */
  readonly reach: string;
}

/** Lets the objects be looked at that agents serve; `agentOf` gives the agent of a host. */
export function mibBrowser(
  modules: readonly ModuleDefinition[],
  agentOf: (host: Host) => BrowsedAgent,
): MibSource {
  let objects: MibObject[] | undefined;
  return {
    get objects() {
      // The texts are read when somebody first looks.
      objects ??= modules
        .flatMap(objectsOf)
        .sort((a, b) => compareOids(a.at, b.at))
        .map(({ at: _, ...one }) => one);
      return objects;
    },
    read(host, subtrees, after, count) {
      const { registry } = agentOf(host);
      if (after !== undefined && !NUMBERS.test(after)) return undefined;
      const behind = after?.split('.').map(Number) ?? [];
      const found: MibInstance[] = [];
      for (const text of subtrees) {
        const subtree = parseOid(text);
        const from = subtree && parseOid(formatOid([...subtree, ...behind]));
        if (!from) return undefined;
        found.push(...firstOf(registry, subtree, from, count));
      }
      return found;
    },
    reach: (host) => agentOf(host).reach,
  };
}

function firstOf(registry: Registry, subtree: Oid, from: Oid, count: number): MibInstance[] {
  const found: MibInstance[] = [];
  let next = instanceAfter(registry, from);
  while (next && found.length < count && subtree.every((subid, i) => next!.oid[i] === subid)) {
    found.push(instanceView(next));
    next = instanceAfter(registry, next.oid);
  }
  return found;
}

function instanceView({ leaf, oid, value }: Instance): MibInstance {
  const index = oid.slice(leaf.oid.length);
  return {
    oid: formatOid(oid),
    object: leaf.name,
    index: formatOid(index),
    row: leaf.table ? indexText(leaf.table.definition.index, index) : '',
    value: leaf.name === SECRET ? '(not shown)' : valueText(leaf.definition.syntax, value),
  };
}

type PlacedObject = MibObject & { readonly at: Oid };

function objectsOf(definition: ModuleDefinition): PlacedObject[] {
  const { name: module, nodes, scalars, tables, notifications } = definition;
  const descriptions = descriptionsOf(module);
  const place = (name: string, at: Oid, kind: MibObject['kind'], more: Partial<MibObject>): PlacedObject => {
    const description = descriptions.get(name);
    return { name, oid: formatOid(at), at, module, kind, ...more, ...(description && { description }) };
  };
  const placed = Object.entries(nodes).map(([name, oid]) => place(name, oid, 'node', {}));
  for (const [name, scalar] of Object.entries(scalars))
    placed.push(place(name, scalar.oid, 'scalar', facts(scalar)));
  for (const [name, { oid, entry, entryName, status, index, columns }] of Object.entries(tables)) {
    const names = index.map((part) => part.name);
    placed.push(
      place(name, oid, 'table', { status, index: names }),
      place(entryName, entry, 'row', { status }),
    );
    for (const [column, facet] of Object.entries(columns))
      placed.push(place(column, facet.oid, 'column', facts(facet)));
  }
  for (const [name, { oid, objects, status }] of Object.entries(notifications))
    placed.push(place(name, oid, 'notification', { status, carries: [...objects] }));
  return placed;
}

function facts({ syntax, access, status, units }: ScalarDefinition): Partial<MibObject> {
  return {
    syntax: syntaxText(syntax),
    access,
    status,
    ...(units !== undefined && { units }),
    ...(syntax.enums && { values: { ...syntax.enums } }),
  };
}

function syntaxText({ base, convention, ranges, sizes }: ObjectSyntax): string {
  const bounds = (ranges ?? sizes)
    ?.map(([low, high]) => (low === high ? low : `${low}..${high}`))
    .join(' | ');
  const name = convention ?? base;
  if (bounds === undefined) return name;
  return `${name} (${ranges ? bounds : `SIZE ${bounds}`})`;
}

function descriptionsOf(module: string): ReadonlyMap<string, string> {
  const file = mibFolders()
    .flatMap((folder) => [join(folder, `${module}.txt`), join(folder, `${module}.mib`)])
    .find((path) => existsSync(path));
  return file === undefined ? new Map() : readDescriptions(readFileSync(file, 'utf8'));
}
