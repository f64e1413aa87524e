import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { VirtsnmpError } from '../util/errors.ts';
import { findConflicts } from './checks.ts';
import { expandEnvironment } from './environment.ts';
import { type ConfigOverrides, type Override, readOverrides } from './overrides.ts';
import { readPasswordFiles } from './password-file.ts';
import { type Problem, problemLines, schemaProblems } from './problems.ts';
import { reasonText } from './reason.ts';
import { type Config, configSchema, DEFAULT_GUESTS } from './schema.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

export type { ConfigOverrides } from './overrides.ts';

/** Octets of a configuration file. */
const MAX_FILE_SIZE = 8 * 1024 * 1024;
/** Problems that one message lists. */
const MAX_LINES = 50;
const NOTHING: YamlSource = {
  data: undefined,
  position: () => ({ line: 1, column: 1 }),
  keyPosition: () => ({ line: 1, column: 1 }),
};

/** Where the configuration comes from. */
export interface ConfigSources {
  /** Path of a YAML file; the defaults alone when absent. */
  readonly file?: string | undefined;
  /** Command line flags: each replaces what the file says. */
  readonly overrides?: ConfigOverrides | undefined;
  /** Environment that `${NAME}` is looked up in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that paths in flags are relative to; the process's own when absent. */
  readonly cwd?: string | undefined;
}

/**
 * Reads, checks and freezes the configuration.
 * Paths in the file are relative to its folder. No message shows the value of a secret.
 *
 * @throws VirtsnmpError CONFIG_INVALID with one line for each problem: `file:line:column path: what is wrong,
 * what would be right`, or `--flag: ...`.
 */
export function loadConfig(sources: ConfigSources): Config {
  const { file = 'configuration', cwd: folder = process.cwd() } = sources;
  const source = sources.file === undefined ? NOTHING : readYamlFile(file, folder);
  return configFrom({ ...sources, file, source });
}

/** A configuration that is a part of another file, or has been read already. */
export interface ConfigPart extends ConfigSources {
  /** Path of the file that it stands in: what messages name, and what paths in it are relative to. */
  readonly file: string;
  readonly source: YamlSource;
}

/** {@link loadConfig} of what has been read already. */
export function configFrom({
  file,
  source,
  overrides,
  env,
  cwd: folder = process.cwd(),
}: ConfigPart): Config {
  const flags = readOverrides(overrides ?? {}, folder);
  const origins = { file, source, overrides: flags.overrides };

  const expanded = expandEnvironment(source.data, env);
  const parsed = configSchema.safeParse(merge(expanded.data, flags.overrides));
  const problems: Problem[] = [...expanded.problems];
  if (!parsed.success) {
    // An option whose variable is missing is named once.
    const known = new Set(problems.map(({ path }) => path.join('.')));
    const issues = parsed.error.issues.filter(({ path }) => !known.has(path.join('.')));
    problems.push(...schemaProblems(issues, merge(source.data, flags.overrides)));
  }
  if (parsed.success && problems.length === 0 && flags.problems.length === 0) {
    const base = source === NOTHING ? folder : dirname(resolve(folder, file));
    const { config, unread } = complete(parsed.data, base);
    problems.push(...unread, ...findConflicts(config));
    if (problems.length === 0) return deepFreeze(config);
  }
  throw invalid([...flags.problems, ...problemLines(problems, origins)]);
}

/** Reads a YAML file. Throws CONFIG_INVALID with one line for each problem. */
export function readYamlFile(file: string, folder: string): YamlSource {
  const result = readYaml(readText(file, resolve(folder, file)));
  if ('source' in result) return result.source;
  throw invalid(result.problems.map(({ line, column, message }) => `${file}:${line}:${column} ${message}`));
}

function readText(file: string, path: string): string {
  let octets: Buffer;
  try {
    const { size } = statSync(path);
    if (size > MAX_FILE_SIZE) {
      throw invalid([`${file}: has ${size} octets; expected at most ${MAX_FILE_SIZE}`]);
    }
    octets = readFileSync(path);
  } catch (error) {
    if (error instanceof VirtsnmpError) throw error;
    throw invalid([`${file}: cannot be read (${reasonText(error)}); expected a YAML file`]);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets);
  } catch {
    throw invalid([`${file}: is not UTF-8 text; expected a YAML file in UTF-8`]);
  }
}

/** The data with the values of flags put in; a section that is no mapping is left for the schema to refuse. */
function merge(data: unknown, overrides: readonly Override[]): unknown {
  const root = data === undefined || data === null ? {} : data;
  return overrides.reduce<unknown>((merged, { path, value }) => put(merged, path, value), root);
}

function put(data: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return data;
  const inner = (data as Record<string, unknown>)[key];
  return { ...data, [key]: put(inner ?? (rest.length > 0 ? {} : undefined), rest, value) };
}

type ParsedConfig = ReturnType<typeof configSchema.parse>;

/** The configuration with paths made absolute and passwords read from their files; and what was wrong with files. */
function complete(parsed: ParsedConfig, folder: string): { config: Config; unread: readonly Problem[] } {
  const { inventory, eventLog, log } = parsed;
  const { users, problems } = readPasswordFiles(parsed.users, folder);
  const named = inventory.domains.length + inventory.list.length;
  const absolute = (path: string) => resolve(folder, path);
  const absoluteFile = <T extends { file?: string | undefined }>(group: T) => ({
    ...group,
    file: group.file === undefined ? undefined : absolute(group.file),
  });
  const config = {
    ...parsed,
    users,
    inventory: {
      ...inventory,
      guests: inventory.guests ?? (named === 0 ? DEFAULT_GUESTS : 0),
      domains: inventory.domains.map(absolute),
    },
    state: parsed.state === undefined ? undefined : absolute(parsed.state),
    eventLog: absoluteFile(eventLog),
    log: absoluteFile(log),
  };
  return { config, unread: problems };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value as object)) deepFreeze(inner);
  return Object.freeze(value);
}

/** CONFIG_INVALID with one line for each problem, as far as anybody reads them. */
export function invalid(lines: readonly string[]): VirtsnmpError {
  const shown = lines.slice(0, MAX_LINES);
  if (lines.length > MAX_LINES) shown.push(`... and ${lines.length - MAX_LINES} more`);
  return new VirtsnmpError('CONFIG_INVALID', shown.join('\n'));
}
