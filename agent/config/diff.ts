import type { Config } from './schema.ts';

/** The options that differ and take effect only when the program is started again, in the schema's order. */
export function needsRestart(before: Config, after: Config): string[] {
  const watched = [
    ['agent.listen', before.agent.listen, after.agent.listen],
    ['agent.port', before.agent.port, after.agent.port],
    ['inventory.hosts', before.inventory.hosts, after.inventory.hosts],
    ['inventory.addressing', before.inventory.addressing, after.inventory.addressing],
    ['emulation.seed', before.emulation.seed, after.emulation.seed],
    ['emulation.profile', before.emulation.profile, after.emulation.profile],
    ['state', before.state, after.state],
  ] as const;
  return watched.filter(([, a, b]) => JSON.stringify(a) !== JSON.stringify(b)).map(([path]) => path);
}
