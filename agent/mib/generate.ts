/**
 * Writes `agent/mib/generated` from the module texts: `npm run gen`, or `npm run gen:check` to compare.
 *
 * A development tool: the agent reads the generated definitions only.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorText } from '../util/errors.ts';
import type { ModuleDefinition } from './definition.ts';
import { loadModules } from './smi-modules.ts';
import { readModule, readNames } from './smi-reader.ts';

/** Names of the modules that are served; each gets a file in `generated`. */
export const SERVED_MODULES = [
  'ALARM-MIB',
  'DISMAN-EVENT-MIB',
  'ENTITY-MIB',
  'ENTITY-SENSOR-MIB',
  'HOST-RESOURCES-MIB',
  'HOST-RESOURCES-TYPES',
  'IF-MIB',
  'LIBVIRT-MIB',
  'LIBVIRT-STATS-MIB',
  'NOTIFICATION-LOG-MIB',
  'SNMP-COMMUNITY-MIB',
  'SNMP-FRAMEWORK-MIB',
  'SNMP-MPD-MIB',
  'SNMP-NOTIFICATION-MIB',
  'SNMP-TARGET-MIB',
  'SNMP-USER-BASED-SM-MIB',
  'SNMP-USM-DH-OBJECTS-MIB',
  'SNMP-VIEW-BASED-ACM-MIB',
  'SNMPv2-MIB',
  'VM-MIB',
] as const;

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const GENERATED = join(ROOT, 'agent/mib/generated');
const HEAD = '// Generated from the text of the module by `npm run gen`. Edit that, and generate again.\n';
const LINE_WIDTH = 110;
const SHOWN_DIFFERENCES = 10;

/** Folders with module texts: this project's, then those of the IETF that come with net-snmp. */
export function moduleFolders(): string[] {
  const netSnmp = dirname(createRequire(import.meta.url).resolve('net-snmp'));
  return [join(ROOT, 'mibs'), join(netSnmp, 'lib/mibs')];
}

/**
 * Generated file texts by file name: each served module's, the list of them, and the names that are in no definition:
 * of the other modules of the first folder, of SMI itself, and of the modules. Throws MODULE_INVALID.
 */
export function generateFiles(folders: readonly string[], names: readonly string[]): Map<string, string> {
  const others = [
    'SNMPv2-SMI',
    ...readdirSync(folders[0]!)
      .map((file) => file.replace(/\.txt$/, ''))
      .filter((name) => !names.includes(name))
      .sort(),
  ];
  const loaded = loadModules(folders, [...names, ...others]);
  const files = new Map(
    names.map((name) => [`${name.toLowerCase()}.ts`, renderModule(readModule(loaded, name))]),
  );
  files.set('all-modules.ts', renderList(names));
  const otherNames = [
    ...others.map((name) => [name, readNames(loaded, name)]),
    ...names.map((name) => [name, readNames(loaded, name, 'MODULE-IDENTITY')]),
  ];
  return files.set('other-names.ts', renderOtherNames(Object.fromEntries(otherNames)));
}

/** Source text of the list of all modules. */
function renderList(names: readonly string[]): string {
  const imports = names.map((name) => `import { ${constantOf(name)} } from './${name.toLowerCase()}.ts';\n`);
  const list = `[\n${names.map((name) => `  ${constantOf(name)},\n`).join('')}]`;
  return `${HEAD}import type { ModuleDefinition } from '../definition.ts';
${imports.sort().join('')}
/** The definitions of all modules that are served. */
export const ALL_MODULES: readonly ModuleDefinition[] = ${list};
`;
}

/** Source text of the names that are in no definition. */
function renderOtherNames(
  names: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>,
): string {
  return `${HEAD}
/** Names that stand for identifiers and are in no definition, by module: identities, and modules that are not served. */
export const OTHER_NAMES: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = ${render(names, '', LINE_WIDTH)};
`;
}

/** Source text of the file for one module; equal definitions give equal texts. */
export function renderModule(definition: ModuleDefinition): string {
  const constant = constantOf(definition.name);
  return [
    `${HEAD}import type { ModuleDefinition } from '../definition.ts';`,
    '',
    `/** Definitions of ${definition.name}, as of ${definition.lastUpdated}. */`,
    `export const ${constant} = ${render(definition, '', `export const ${constant} = `.length)} as const satisfies ModuleDefinition;`,
    '',
  ].join('\n');
}

function constantOf(module: string): string {
  return module.toUpperCase().replaceAll('-', '_');
}

/** A value as source text: on one line where it fits behind `used` columns, else an item a line. */
function render(value: unknown, indent: string, used: number): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const list = Array.isArray(value);
  const items: (readonly [label: string, item: unknown])[] = list
    ? value.map((item) => ['', item])
    : Object.entries(value).map(([key, item]) => [
        `${/^[A-Za-z_]\w*$/.test(key) ? key : quote(key)}: `,
        item,
      ]);
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  if (items.length === 0) return open + close;

  const flat = items.map(([label, item]) => label + render(item, '', Number.NEGATIVE_INFINITY)).join(', ');
  const line = list ? `[${flat}]` : `{ ${flat} }`;
  if (used + line.length + 1 <= LINE_WIDTH) return line;
  const deeper = `${indent}  `;
  const lines = items.map(
    ([label, item]) => `${deeper}${label}${render(item, deeper, deeper.length + label.length)},\n`,
  );
  return `${open}\n${lines.join('')}${indent}${close}`;
}

function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** How a folder differs from what would be generated into it; empty when it doesn't. */
export function findDifferences(folder: string, files: ReadonlyMap<string, string>): string[] {
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const differences = present
    .filter((file) => !files.has(file))
    .map((file) => `${file}: belongs to no served module; delete it`);
  for (const [file, text] of files) {
    if (!present.includes(file)) {
      differences.push(`${file}: missing`);
      continue;
    }
    const committed = readFileSync(join(folder, file), 'utf8').split('\n');
    const generated = text.split('\n');
    for (let i = 0; i < Math.max(committed.length, generated.length); i++) {
      if (committed[i] === generated[i]) continue;
      differences.push(
        `${file}:${i + 1}\n- ${committed[i] ?? '(no such line)'}\n+ ${generated[i] ?? '(no such line)'}`,
      );
    }
  }
  return differences;
}

function main(args: readonly string[]): number {
  const where = relative(process.cwd(), GENERATED);
  try {
    const files = generateFiles(moduleFolders(), SERVED_MODULES);
    if (!args.includes('--check')) {
      mkdirSync(GENERATED, { recursive: true });
      for (const [file, text] of files) writeFileSync(join(GENERATED, file), text);
      console.log(`${where}: ${files.size} files written`);
      return 0;
    }
    const differences = findDifferences(GENERATED, files);
    if (differences.length === 0) {
      console.log(`${where}: ${files.size} files are what the modules say`);
      return 0;
    }
    for (const difference of differences.slice(0, SHOWN_DIFFERENCES)) console.error(difference);
    const more = differences.length - SHOWN_DIFFERENCES;
    if (more > 0) console.error(`... and ${more} more`);
    console.error(`${where}: not what the modules say; run npm run gen and commit the result`);
  } catch (thrown) {
    console.error(errorText(thrown));
  }
  return 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
