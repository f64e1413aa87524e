import { signal } from '@preact/signals';
import { get } from '../api/request.ts';
import type { MibObject } from '../api/types.ts';

/** A name of the tree with what is below it. */
export interface MibNode {
  readonly object: MibObject;
  readonly children: MibNode[];
}

/** One module and its tree. */
export interface MibModule {
  readonly name: string;
  readonly roots: readonly MibNode[];
}

/** The served modules; `undefined` until they were asked for. */
export const modules = signal<readonly MibModule[] | undefined>(undefined);
/** Every name by its object identifier. */
export const objectsByOid = signal<ReadonlyMap<string, MibObject>>(new Map());

/** Asks for the tree, once. */
export async function loadMib(): Promise<void> {
  if (modules.value) return;
  const objects = await get<MibObject[]>('/mib');
  objectsByOid.value = new Map(objects.map((object) => [object.oid, object]));
  const names = [...new Set(objects.map(({ module }) => module))];
  modules.value = names.map((name) => ({
    name,
    roots: treeOf(objects.filter(({ module }) => module === name)),
  }));
}

/** The trees of a module's objects, which come in the order of their identifiers; branches without objects are left out. */
function treeOf(objects: readonly MibObject[]): MibNode[] {
  const roots: MibNode[] = [];
  const path: MibNode[] = [];
  for (const object of objects) {
    while (path.length > 0 && !object.oid.startsWith(`${path.at(-1)!.object.oid}.`)) path.pop();
    const node: MibNode = { object, children: [] };
    (path.at(-1)?.children ?? roots).push(node);
    path.push(node);
  }
  return roots.flatMap(pruned);
}

function pruned({ object, children }: MibNode): MibNode[] {
  const kept = children.flatMap(pruned);
  if (object.kind === 'node' && kept.length === 0) return [];
  // A table's row says nothing that the table does not.
  if (object.kind === 'row') return kept;
  return [{ object, children: kept }];
}
