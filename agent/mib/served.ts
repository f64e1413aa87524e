import type { Oid } from '../util/oid.ts';
import type { ModuleDefinition } from './definition.ts';
import { ALL_MODULES } from './generated/all-modules.ts';

/** Every name of the served modules and what it stands for: nodes, objects, tables, rows and notifications. */
export function identifiersByName(): ReadonlyMap<string, Oid> {
  return new Map(ALL_MODULES.flatMap((module) => [...namesIn(module)]));
}

/** Every name of one module and what it stands for. */
export function* namesIn({
  scalars,
  tables,
  nodes,
  notifications,
}: ModuleDefinition): Generator<[string, Oid]> {
  yield* Object.entries(nodes);
  for (const [name, { oid }] of Object.entries({ ...scalars, ...notifications })) yield [name, oid];
  for (const [name, { oid, entry, entryName, columns }] of Object.entries(tables)) {
    yield [name, oid];
    yield [entryName, entry];
    for (const [column, definition] of Object.entries(columns)) yield [column, definition.oid];
  }
}
