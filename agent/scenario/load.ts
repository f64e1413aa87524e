import { dirname, resolve } from 'node:path';
import { type ConfigOverrides, configFrom, invalid, loadConfig, readYamlFile } from '../config/load.ts';
import { type Problem, problemLines } from '../config/problems.ts';
import type { Config } from '../config/schema.ts';
import type { YamlSource } from '../config/yaml-source.ts';
import { assembleInventory, type HostInventory } from '../daemon/inventory.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { silentLogger } from '../util/logger.ts';
import { checkNames } from './check-names.ts';
import { readSteps } from './read-steps.ts';
import { scenarioSchema } from './schema.ts';
import { shaped } from './shape.ts';
import { endOf, type Scenario } from './timeline.ts';

/** Where a scenario comes from. */
export interface ScenarioSources {
  /** Path of its YAML file. */
  readonly file: string;
  /** Command line flags: each replaces what its configuration says. */
  readonly overrides?: ConfigOverrides;
  /** Environment that `${NAME}` in the configuration is looked up in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that the path is relative to; the process's own when absent. */
  readonly cwd?: string;
}

/**
 * Reads and checks a scenario with its configuration, down to the guests that it names.
 *
 * @throws VirtsnmpError CONFIG_INVALID with one line for each problem: `file:line:column path: what is wrong, what
 * would be right`.
 */
export function loadScenario({ file, overrides = {}, env, cwd = process.cwd() }: ScenarioSources): Scenario {
  const source = readYamlFile(file, cwd);
  const lines = (problems: readonly Problem[]) => problemLines(problems, { file, source, overrides: [] });
  const shape = shaped(scenarioSchema, source.data ?? {}, []);
  if ('problems' in shape) throw invalid(lines(shape.problems));
  const { name, about, clock, speed, look, config: raw, timeline, ends = 0 } = shape.value;
  const { steps, problems } = readSteps(timeline, source);
  const configured = attempt(() => readConfig(raw, source, { file, overrides, env, cwd }));
  if ('failed' in configured) throw invalid([...configured.failed.split('\n'), ...lines(problems)]);
  const config = configured.value;
  if (problems.length === 0) problems.push(...checkNames(steps, inventoryOf(config)));
  if (problems.length > 0) throw invalid(lines(problems));
  return {
    file,
    name,
    about,
    epochMs: Date.parse(clock),
    speed,
    lookMs: look,
    endMs: Math.max(ends, ...steps.map(endOf)),
    config,
    steps,
  };
}

type Where = Required<ScenarioSources>;

/** Quiet, and on free ports of loopback, unless it says otherwise. */
function readConfig(raw: unknown, source: YamlSource, { file, overrides, env, cwd }: Where): Config {
  if (typeof raw === 'string')
    return loadConfig({ file: raw, overrides, env, cwd: dirname(resolve(cwd, file)) });
  const below = (path: readonly PropertyKey[]) => ['config', ...path];
  const part: YamlSource = {
    data: withDefaults(raw),
    position: (path) => source.position(below(path)),
    keyPosition: (path) => source.keyPosition(below(path)),
  };
  return configFrom({ file, source: part, overrides, env, cwd });
}

function withDefaults(raw: unknown): unknown {
  if (raw !== undefined && (typeof raw !== 'object' || raw === null || Array.isArray(raw))) return raw;
  const data = (raw ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ...data,
    agent: beside({ port: 0 }, data['agent']),
    control: beside({ port: 0 }, data['control']),
    log: beside({ level: 'warn' }, data['log']),
  };
}

/** A section with defaults that are not those of a daemon; one that is no group is left to the schema. */
function beside(defaults: object, given: unknown): unknown {
  if (given === undefined || given === null) return defaults;
  return typeof given === 'object' && !Array.isArray(given) ? { ...defaults, ...given } : given;
}

/** What the configuration makes; nothing where only a start can tell what is wrong with it. */
function inventoryOf(config: Config): readonly HostInventory[] | undefined {
  const made = attempt(() => assembleInventory(config, silentLogger));
  return 'failed' in made ? undefined : made.value;
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly failed: string } {
  try {
    return { value: work() };
  } catch (thrown) {
    if (!(thrown instanceof VirtsnmpError)) throw thrown;
    return { failed: errorText(thrown) };
  }
}
