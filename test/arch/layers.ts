/**
 * Which folder of agent/ may import which: itself and those listed.
 * biome.json says the same with `noRestrictedImports`; a test keeps the two equal.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  util: [],
  emulation: ['util'],
  ber: ['util'],
  transport: ['util'],
  log: ['util'],
  message: ['ber', 'util'],
  mib: ['ber', 'message', 'util'],
  access: ['ber', 'message', 'mib', 'util'],
  security: ['access', 'ber', 'message', 'mib', 'util'],
  dispatch: ['access', 'ber', 'message', 'mib', 'util'],
  engine: ['access', 'ber', 'message', 'mib', 'security', 'dispatch', 'util'],
  notify: ['access', 'ber', 'message', 'mib', 'security', 'transport', 'util'],
  objects: ['access', 'ber', 'message', 'mib', 'notify', 'security', 'emulation', 'util'],
  eventlog: ['emulation', 'notify', 'util'],
  config: ['emulation', 'log', 'mib', 'util'],
  control: ['config', 'emulation', 'log', 'util'],
  snapshot: ['control', 'emulation', 'util'],
  score: ['emulation', 'util'],
  web: [],
};

/** Folders that may import anything: the composition root, what starts it (commands, the library for other people's tests, scenarios). */
export const ROOTS = ['daemon', 'library', 'scenario', 'cli'] as const;

/** The folders that code in `folder` must not import. */
export function forbiddenFor(folder: string): string[] {
  const allowed = [folder, ...(MAY_IMPORT[folder] ?? [])];
  return [...Object.keys(MAY_IMPORT), ...ROOTS].filter((other) => !allowed.includes(other)).sort();
}
