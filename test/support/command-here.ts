import { vi } from 'vitest';
import { run } from '../../agent/cli/program.ts';
import type { Done } from './control-daemon.ts';

/** Runs a command in this process, which takes no time to start: a daemon is what it talks to all the same. */
export async function commandHere(
  api: string,
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Done> {
  const printed = { out: '', err: '' };
  for (const [name, value] of Object.entries({ VIRTSNMP_API: api, ...env })) vi.stubEnv(name, value);
  const spies = (['out', 'err'] as const).map((to) =>
    vi.spyOn(process[`std${to}`], 'write').mockImplementation((chunk) => {
      printed[to] += String(chunk);
      return true;
    }),
  );
  try {
    const code = await run(args);
    return { code, ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  }
}
