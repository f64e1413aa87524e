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
  notify: ['access', 'ber', 'message', 'mib', 'transport', 'util'],
  objects: ['access', 'ber', 'message', 'mib', 'notify', 'security', 'emulation', 'util'],
  config: ['emulation', 'log', 'util'],
};

/** Folders that may import anything: the composition root and the commands that start it. */
export const ROOTS = ['daemon', 'cli'] as const;

/** The folders that code in `folder` must not import. */
export function forbiddenFor(folder: string): string[] {
  const allowed = [folder, ...(MAY_IMPORT[folder] ?? [])];
  return [...Object.keys(MAY_IMPORT), ...ROOTS].filter((other) => !allowed.includes(other)).sort();
}
