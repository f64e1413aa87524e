/** Reads loaded SMIv2 modules into {@link ModuleDefinition}s, at development time only. */

import { dictionary } from '../util/dictionary.ts';
import type {
  BaseSyntax,
  Bounds,
  ColumnDefinition,
  DefinitionStatus,
  IndexDefinition,
  MaxAccess,
  ModuleDefinition,
  NotificationDefinition,
  ObjectSyntax,
  ScalarDefinition,
  TableDefinition,
} from './definition.ts';
import {
  definingModule,
  invalid,
  type LoadedModules,
  type ParsedName,
  parsedModule,
  readClauses,
  readType,
} from './smi-modules.ts';

const BASE_TYPES = dictionary<BaseSyntax>({
  INTEGER: 'Integer32',
  Integer32: 'Integer32',
  Unsigned32: 'Unsigned32',
  Gauge32: 'Gauge32',
  Counter32: 'Counter32',
  Counter64: 'Counter64',
  TimeTicks: 'TimeTicks',
  'OCTET STRING': 'OctetString',
  'OBJECT IDENTIFIER': 'ObjectIdentifier',
  IpAddress: 'IpAddress',
  Opaque: 'Opaque',
  BITS: 'Bits',
});

const ACCESSES: readonly MaxAccess[] = [
  'not-accessible',
  'accessible-for-notify',
  'read-only',
  'read-write',
  'read-create',
];
const STATUSES: readonly DefinitionStatus[] = ['current', 'deprecated', 'obsolete'];

/**
 * What each name of a loaded module stands for, whatever the module is like; of one macro where that is given.
 * Throws MODULE_INVALID.
 */
export function readNames(
  loaded: LoadedModules,
  name: string,
  macro?: string,
): Record<string, readonly number[]> {
  const named = Object.values(parsedModule(loaded, name)).filter(
    (parsed) =>
      parsed.OID !== undefined &&
      parsed.ObjectName !== undefined &&
      (macro === undefined || parsed.MACRO === macro),
  );
  return Object.fromEntries(named.map((parsed) => [parsed.ObjectName!, toOid(name, parsed)]));
}

/** The definition of one loaded module. Throws MODULE_INVALID and says which name cannot be used. */
export function readModule(loaded: LoadedModules, name: string): ModuleDefinition {
  const names = Object.values(parsedModule(loaded, name))
    .filter((parsed) => parsed.OID !== undefined && parsed.ObjectName !== undefined)
    .map((parsed) => ({ name: parsed.ObjectName!, macro: parsed.MACRO, oid: toOid(name, parsed) }))
    .sort((a, b) => compareOids(a.oid, b.oid));

  const scalars: Record<string, ScalarDefinition> = {};
  const tables: Record<string, TableDefinition> = {};
  const notifications: Record<string, NotificationDefinition> = {};
  const nodes: Record<string, readonly number[]> = {};
  const tableOfOid = new Map<string, string>();
  const columnsOfRow = new Map<string, Record<string, ColumnDefinition>>();
  let identity: { oid: readonly number[]; lastUpdated: string } | undefined;

  // In OID order a table precedes its row, and a row its columns.
  for (const { name: object, macro, oid } of names) {
    if (macro === 'MODULE-IDENTITY') {
      const clauses = readClauses(loaded, name, object, macro);
      identity = { oid, lastUpdated: unquote(clauses.get('LAST-UPDATED') ?? '') };
    } else if (macro === 'NOTIFICATION-TYPE') {
      const clauses = readClauses(loaded, name, object, macro);
      notifications[object] = {
        oid,
        objects: readList(clauses.get('OBJECTS')),
        status: readStatus(name, object, clauses),
      };
    } else if (macro === 'OBJECT-TYPE') {
      const clauses = readClauses(loaded, name, object, macro);
      const parent = oid.slice(0, -1).join('.');
      const columns = columnsOfRow.get(parent);
      const table = tableOfOid.get(parent);
      if (clauses.get('SYNTAX')?.startsWith('SEQUENCE OF')) {
        tableOfOid.set(oid.join('.'), object);
        tables[object] = {
          oid,
          entry: [],
          entryName: '',
          status: readStatus(name, object, clauses),
          index: [],
          columns: {},
        };
      } else if (table !== undefined) {
        const row = { entry: oid, entryName: object, ...readIndex(loaded, name, object), columns: {} };
        tables[table] = { ...tables[table]!, ...row };
        columnsOfRow.set(oid.join('.'), row.columns);
      } else {
        (columns ?? scalars)[object] = readObject(loaded, name, object, oid, clauses);
      }
    } else {
      nodes[object] = oid;
    }
  }
  if (identity === undefined)
    throw invalid(name, 'it has no MODULE-IDENTITY; only SMIv2 modules can be used');
  for (const [table, { entry }] of Object.entries(tables)) {
    if (entry.length === 0) throw invalid(name, `table ${table} has no row object`);
  }
  return { name, ...identity, scalars, tables, notifications, nodes };
}

function readObject(
  loaded: LoadedModules,
  module: string,
  name: string,
  oid: readonly number[],
  clauses: ReadonlyMap<string, string>,
): ScalarDefinition {
  const units = clauses.get('UNITS');
  return {
    oid,
    syntax: resolveSyntax(loaded, module, clauses.get('SYNTAX') ?? ''),
    access: readKeyword(module, name, 'MAX-ACCESS', ACCESSES, clauses),
    status: readStatus(module, name, clauses),
    ...(units === undefined ? {} : { units: unquote(units) }),
  };
}

/** The index of a row, taken from the row that it augments if it says so. */
function readIndex(
  loaded: LoadedModules,
  module: string,
  row: string,
): Pick<TableDefinition, 'index' | 'augments'> {
  const clauses = readClauses(loaded, module, row, 'OBJECT-TYPE');
  const [augments] = readList(clauses.get('AUGMENTS'));
  if (augments !== undefined) {
    const base = definingModule(loaded, module, augments);
    const index = readIndex(loaded, base, augments).index.map((part) => {
      const origin = part.module ?? base;
      const { module: _, ...rest } = part;
      return origin === module ? rest : withModule(rest, origin);
    });
    return { index, augments };
  }
  const index = readList(clauses.get('INDEX')).map((part): IndexDefinition => {
    const implied = /^IMPLIED\b/.test(part);
    const name = part.replace(/^IMPLIED\s+/, '');
    const origin = definingModule(loaded, module, name);
    const syntaxText = readClauses(loaded, origin, name, 'OBJECT-TYPE').get('SYNTAX') ?? '';
    const definition = { name, implied, syntax: resolveSyntax(loaded, origin, syntaxText) };
    return origin === module ? definition : withModule(definition, origin);
  });
  if (index.length === 0) throw invalid(module, `row ${row} has neither INDEX nor AUGMENTS`);
  return { index };
}

function withModule({ name, ...rest }: IndexDefinition, module: string): IndexDefinition {
  return { name, module, ...rest };
}

/** Resolves a SYNTAX clause through textual conventions of any module down to a base type. */
function resolveSyntax(loaded: LoadedModules, module: string, text: string): ObjectSyntax {
  const [, type = '', restriction = ''] =
    /^(OCTET STRING|OBJECT IDENTIFIER|[A-Za-z][\w-]*)\s*(.*)$/s.exec(text) ?? [];
  const own = readRestriction(module, restriction);
  const base = BASE_TYPES[type];
  if (base !== undefined) return { base, ...own };

  const origin = definingModule(loaded, module, type);
  const tokens = loaded.parser.SymbolBuffer[origin] ?? [];
  const at = tokens.findIndex((token, i) => token === type && tokens[i + 1] === '::=');
  if (at < 0) throw invalid(origin, `the type ${type} is not defined`);
  const isConvention = tokens[at + 2] === 'TEXTUAL-CONVENTION';
  const typeAt = isConvention ? tokens.indexOf('SYNTAX', at) + 1 : at + 2;
  const hintAt = tokens.indexOf('DISPLAY-HINT', at);
  const hint = isConvention && hintAt >= 0 && hintAt < typeAt ? tokens[hintAt + 1] : undefined;
  const {
    base: innerBase,
    convention: _,
    ...inner
  } = resolveSyntax(loaded, origin, readType(tokens, typeAt));
  return {
    base: innerBase,
    convention: type,
    ...inner,
    ...own,
    ...(hint === undefined ? {} : { displayHint: unquote(hint) }),
  };
}

/** A range, a size, or named numbers: what may follow the name of a type. */
function readRestriction(module: string, text: string): Pick<ObjectSyntax, 'ranges' | 'sizes' | 'enums'> {
  if (text === '') return {};
  if (text.startsWith('{')) {
    const named = [...text.matchAll(/([A-Za-z][\w-]*)\s*\(\s*(-?\d+)\s*\)/g)];
    return { enums: Object.fromEntries(named.map(([, label, value]) => [label!, Number(value)])) };
  }
  const parts = text.replace(/SIZE|[()\s]/g, '').split('|');
  const bounds = parts.map((part): Bounds => {
    const [low = '', high = low] = part.split('..');
    return [readNumber(module, low), readNumber(module, high)];
  });
  return /^\(\s*SIZE\b/.test(text) ? { sizes: bounds } : { ranges: bounds };
}

/** A decimal number, or a hexadecimal or binary one as `'7f'H` and `'101'B`. */
function readNumber(module: string, text: string): number {
  const [, digits = '', kind = ''] = /^'([0-9A-Fa-f]*)'([HhBb])$/.exec(text) ?? [];
  const value =
    kind === '' ? Number(text || 'x') : Number.parseInt(digits, kind.toUpperCase() === 'H' ? 16 : 2);
  if (!Number.isSafeInteger(value))
    throw invalid(module, `the bound ${text} is not a whole number below 2^53`);
  return value;
}

function readStatus(module: string, name: string, clauses: ReadonlyMap<string, string>): DefinitionStatus {
  return readKeyword(module, name, 'STATUS', STATUSES, clauses);
}

function readKeyword<T extends string>(
  module: string,
  name: string,
  clause: string,
  allowed: readonly T[],
  clauses: ReadonlyMap<string, string>,
): T {
  const said = clauses.get(clause);
  const keyword = allowed.find((candidate) => candidate === said);
  if (keyword === undefined) {
    throw invalid(
      module,
      `${name}: ${clause} is ${said ?? 'missing'}; it must be one of ${allowed.join(', ')}`,
    );
  }
  return keyword;
}

function readList(clause: string | undefined): string[] {
  const items = (clause ?? '').replace(/[{}]/g, '').split(',');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

function unquote(text: string): string {
  return text.replace(/^"|"$/g, '');
}

function toOid(module: string, parsed: ParsedName): readonly number[] {
  // The parser leaves a leading dot on an OID whose parent it could not find.
  if (!/^\d+(\.\d+)*$/.test(parsed.OID ?? '')) {
    throw invalid(module, `the OID of ${parsed.ObjectName} cannot be resolved: its parent is unknown`);
  }
  return parsed.OID!.split('.').map(Number);
}

function compareOids(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}
