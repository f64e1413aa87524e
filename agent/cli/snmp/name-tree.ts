import type { IndexDefinition, ScalarDefinition } from '../../mib/definition.ts';
import { ALL_MODULES } from '../../mib/generated/all-modules.ts';
import { OTHER_NAMES } from '../../mib/generated/other-names.ts';
import type { Oid } from '../../util/oid.ts';

/** What a name of a module is. */
export type NodeKind = 'node' | 'scalar' | 'table' | 'row' | 'column' | 'notification';

/** A named node of the tree of identifiers. */
export interface NamedNode {
  readonly name: string;
  /** The module that defines it. */
  readonly module: string;
  readonly oid: Oid;
  readonly kind: NodeKind;
  /** Of scalars and columns. */
  readonly definition?: ScalarDefinition;
  /** Of rows and columns. */
  readonly index?: readonly IndexDefinition[];
}

interface Branch {
  node: NamedNode | undefined;
  readonly children: Map<number, Branch>;
}

const ROOT: Branch = { node: undefined, children: new Map() };
const BY_NAME = new Map<string, NamedNode[]>();

for (const node of allNodes()) {
  let branch = ROOT;
  for (const id of node.oid) {
    let next = branch.children.get(id);
    if (!next) {
      next = { node: undefined, children: new Map() };
      branch.children.set(id, next);
    }
    branch = next;
  }
  branch.node ??= node;
  const same = BY_NAME.get(node.name);
  if (same) same.push(node);
  else BY_NAME.set(node.name, [node]);
}

/** The deepest named node on the way to an identifier; `undefined` when not even its root has a name. */
export function nodeAbove(oid: Oid): NamedNode | undefined {
  let branch: Branch | undefined = ROOT;
  let found: NamedNode | undefined;
  for (const id of oid) {
    branch = branch.children.get(id);
    if (!branch) break;
    found = branch.node ?? found;
  }
  return found;
}

/** The node of a name, in a module where one is given. */
export function nodeNamed(name: string, module?: string): NamedNode | undefined {
  return BY_NAME.get(name)?.find((node) => module === undefined || node.module === module);
}

/** The named nodes right below one, in the order of their identifiers; of a gap, those below it. */
export function nodesBelow({ oid }: NamedNode): NamedNode[] {
  let branch: Branch | undefined = ROOT;
  for (const id of oid) branch = branch?.children.get(id);
  return branch ? nearestNodes(branch) : [];
}

/** All names, for whoever looks for the nearest. */
export function allNames(): string[] {
  return [...BY_NAME.keys()];
}

/** The names of all modules. */
export function allModuleNames(): string[] {
  return Object.keys(OTHER_NAMES);
}

function nearestNodes({ children }: Branch): NamedNode[] {
  const sorted = [...children].sort(([a], [b]) => a - b);
  return sorted.flatMap(([, branch]) => (branch.node ? [branch.node] : nearestNodes(branch)));
}

function* allNodes(): Generator<NamedNode> {
  yield { name: 'iso', module: 'SNMPv2-SMI', oid: [1], kind: 'node' };
  for (const [module, names] of Object.entries(OTHER_NAMES)) {
    for (const [name, oid] of Object.entries(names)) yield { name, module, oid, kind: 'node' };
  }
  for (const { name: module, scalars, tables, notifications, nodes } of ALL_MODULES) {
    for (const [name, oid] of Object.entries(nodes)) yield { name, module, oid, kind: 'node' };
    for (const [name, definition] of Object.entries(scalars))
      yield { name, module, oid: definition.oid, kind: 'scalar', definition };
    for (const [name, { oid, entry, entryName, index, columns }] of Object.entries(tables)) {
      yield { name, module, oid, kind: 'table' };
      yield { name: entryName, module, oid: entry, kind: 'row', index };
      for (const [column, definition] of Object.entries(columns))
        yield { name: column, module, oid: definition.oid, kind: 'column', definition, index };
    }
    for (const [name, { oid }] of Object.entries(notifications))
      yield { name, module, oid, kind: 'notification' };
  }
}
