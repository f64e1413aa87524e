/**
 * Loads SMIv2 module texts and gives access to their tokens, at development time only.
 *
 * net-snmp's module parser cuts the text into tokens and resolves the OIDs. Its view of a SYNTAX clause
 * loses the range of `Unsigned32 (0..65535)` and the size of `SnmpAdminString (SIZE (0..32))`, and its view
 * of an INDEX clause may lose the space after `IMPLIED`; so clauses are read from the tokens here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import snmp from 'net-snmp';
import { errorText, VirtsnmpError } from '../util/errors.ts';

/** What net-snmp's parser knows of one name. */
export interface ParsedName {
  readonly ObjectName?: string;
  readonly MACRO?: string;
  readonly OID?: string;
}

/** The part of net-snmp's module parser that is used; its published types leave it out. */
export interface ModuleParser {
  /** By module name: its names, and under `IMPORTS` the imported names by module. */
  readonly Modules: Readonly<Record<string, Readonly<Record<string, ParsedName>>>>;
  /** By module name: its text as tokens without comments; a quoted string is one token. */
  readonly SymbolBuffer: Readonly<Record<string, readonly string[]>>;
  Import(file: string): void;
  Serialize(): void;
}

/** Modules read and linked by {@link loadModules}. */
export interface LoadedModules {
  readonly parser: ModuleParser;
}

const CLAUSES = new Set([
  'SYNTAX',
  'UNITS',
  'MAX-ACCESS',
  'ACCESS',
  'STATUS',
  'DESCRIPTION',
  'REFERENCE',
  'INDEX',
  'AUGMENTS',
  'DEFVAL',
  'OBJECTS',
  'NOTIFICATIONS',
  'DISPLAY-HINT',
  'LAST-UPDATED',
  'ORGANIZATION',
  'CONTACT-INFO',
  'REVISION',
]);

/**
 * Reads modules and, before them, all that they import.
 *
 * `folders` are searched in order for `NAME.txt` and `NAME.mib`. Throws MODULE_INVALID when a module is in
 * none of them, names itself differently, imports in a circle or cannot be parsed.
 */
export function loadModules(folders: readonly string[], names: readonly string[]): LoadedModules {
  const store: { readonly parser: ModuleParser } = snmp.createModuleStore({ baseModules: [] });
  const { parser } = store;
  const files = new Map<string, string>();
  for (const name of names) collectFiles(folders, name, [], files);
  for (const [name, file] of files) {
    try {
      parser.Import(file);
    } catch (thrown) {
      throw invalid(name, `${file} cannot be parsed: ${errorText(thrown)}`);
    }
  }
  parser.Serialize();
  return { parser };
}

/** Adds the file of a module to `files`, behind the files of the modules that it imports from. */
function collectFiles(
  folders: readonly string[],
  name: string,
  importers: readonly string[],
  files: Map<string, string>,
): void {
  if (files.has(name)) return;
  if (importers.includes(name)) {
    throw invalid(name, `it imports itself by way of ${importers.join(', ')}`);
  }
  const file = folders
    .flatMap((folder) => [join(folder, `${name}.txt`), join(folder, `${name}.mib`)])
    .find((path) => existsSync(path));
  if (file === undefined) {
    const by = importers.length > 0 ? ` (imported by ${importers.at(-1)})` : '';
    throw invalid(name, `no ${name}.txt or ${name}.mib${by} in ${folders.join(', ')}`);
  }
  const text = readFileSync(file, 'utf8').replace(/"[^"]*"|--.*$/gm, '');
  const said = /([A-Za-z][\w-]*)\s+DEFINITIONS\b/.exec(text)?.[1];
  if (said !== name) {
    throw invalid(name, `${file} defines ${said ?? 'no module'}; the file name must be the module's`);
  }
  const imports = /\bIMPORTS\b([^;]*);/.exec(text)?.[1] ?? '';
  for (const [, imported] of imports.matchAll(/\bFROM\s+([\w-]+)/g)) {
    collectFiles(folders, imported!, [...importers, name], files);
  }
  files.set(name, file);
}

/** The text of a type that starts at a token: its name, and the balanced group behind it, if any. */
export function readType(tokens: readonly string[], start: number): string {
  let text = tokens[start] ?? '';
  if (!/^[({]/.test(tokens[start + 1] ?? '')) return text;
  for (let i = start + 1, depth = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    text += ` ${token}`;
    depth += (token.match(/[({]/g)?.length ?? 0) - (token.match(/[)}]/g)?.length ?? 0);
    if (depth === 0) break;
  }
  return text;
}

/** The clauses of a macro's use by keyword, up to its `::=`; of several of one kind, the first. */
export function readClauses(
  loaded: LoadedModules,
  module: string,
  name: string,
  macro: string,
): ReadonlyMap<string, string> {
  const tokens = loaded.parser.SymbolBuffer[module] ?? [];
  const start = tokens.findIndex((token, i) => token === name && tokens[i + 1] === macro);
  const end = tokens.indexOf('::=', start);
  if (start < 0 || end < 0) throw invalid(module, `${name} is not a complete ${macro}`);
  const clauses = new Map<string, string>();
  for (let i = start + 2; i < end; ) {
    const keyword = tokens[i]!;
    const from = i + 1;
    for (i = from; i < end && !CLAUSES.has(tokens[i]!); ) i++;
    if (!clauses.has(keyword)) clauses.set(keyword, tokens.slice(from, i).join(' '));
  }
  return clauses;
}

/** The module that defines a name used in `module`: itself, or the one it imports the name from. */
export function definingModule(loaded: LoadedModules, module: string, name: string): string {
  const parsed = parsedModule(loaded, module);
  if (parsed[name] !== undefined) return module;
  const imports = (parsed['IMPORTS'] ?? {}) as Readonly<Record<string, readonly string[]>>;
  const origin = Object.keys(imports).find((from) => imports[from]?.includes(name));
  if (origin === undefined) throw invalid(module, `${name} is neither defined nor imported`);
  return origin;
}

/** What the parser knows of a loaded module. Throws MODULE_INVALID. */
export function parsedModule(loaded: LoadedModules, name: string): Readonly<Record<string, ParsedName>> {
  const parsed = loaded.parser.Modules[name];
  if (parsed === undefined) throw invalid(name, 'it is not loaded');
  return parsed;
}

/** A MODULE_INVALID error about a module. */
export function invalid(module: string, what: string): VirtsnmpError {
  return new VirtsnmpError('MODULE_INVALID', `module ${module}: ${what}`);
}
