import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { VirtsnmpError } from '../util/errors.ts';
import { type Config, configSchema, DEFAULT_GUESTS } from './schema.ts';

/** Values of command line flags, as text or as numbers; a flag that was not given is absent. */
export interface ConfigOverrides {
  readonly listen?: string | readonly string[] | undefined;
  readonly port?: string | number | undefined;
  readonly hosts?: string | number | undefined;
  readonly guests?: string | number | undefined;
  readonly domains?: string | readonly string[] | undefined;
  readonly seed?: string | number | undefined;
  readonly state?: string | undefined;
  /** `HOST`, `HOST:PORT` or `[IPV6]:PORT`; port 162 when none is given. */
  readonly trap?: string | readonly string[] | undefined;
  readonly strict?: boolean | undefined;
  readonly compat?: string | readonly string[] | undefined;
}

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
 *
 * @throws VirtsnmpError CONFIG_INVALID with one line for each problem: `file:line:column path: what is wrong`.
 */
export function loadConfig(sources: ConfigSources): Config {
  const text = sources.file === undefined ? '' : readFileSync(sources.file, 'utf8');
  const parsed = configSchema.safeParse(parse(text) ?? {});
  if (!parsed.success) throw new VirtsnmpError('CONFIG_INVALID', 'the configuration is not valid');
  const { inventory } = parsed.data;
  const named = inventory.domains.length + inventory.list.length;
  const guests = inventory.guests ?? (named === 0 ? DEFAULT_GUESTS : 0);
  return Object.freeze({ ...parsed.data, inventory: { ...inventory, guests } });
}
