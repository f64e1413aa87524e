import { listOptions } from './options.ts';
import type { Config } from './schema.ts';

/** The options that differ and take effect only when the program is started again, in the schema's order. */
export function needsRestart(before: Config, after: Config): string[] {
  const watched = listOptions().filter(({ restart }) => restart === true);
  return watched.map(({ path }) => path).filter((path) => valueAt(before, path) !== valueAt(after, path));
}

/** Compared as text: only plain values and short lists of them need a restart. */
function valueAt(config: Config, path: string): string | undefined {
  const value = path
    .split('.')
    .reduce<unknown>((group, key) => (group as Record<string, unknown> | undefined)?.[key], config);
  return JSON.stringify(value);
}

/** A configuration that is read again, with what decides about the running hosts as it was when they started. */
export function onRunningHosts(config: Config, started: Config): Config {
  const { seed, profile } = started.emulation;
  return {
    ...config,
    host: started.host,
    emulation: { ...config.emulation, seed, profile },
    inventory: { ...config.inventory, hosts: started.inventory.hosts },
  };
}
