import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Children } from './children.ts';

const SCRIPT = fileURLToPath(new URL('tick-child.ts', import.meta.url));

/** What the emulation of so many running guests costs. CPU times are those of the whole process, in ms. */
export interface TickFigures {
  readonly guests: number;
  /** Simulated seconds that one plan lasts. */
  readonly spanSeconds: number;
  /** One plan of all guests: the least of all that were measured, and the median. */
  readonly planMs: number;
  readonly medianPlanMs: number;
  /** The longest that a request may have to wait for it: the median of each plan's longest slice. */
  readonly longestSliceMs: number;
  /** Memory of the simulation for each guest. */
  readonly bytesPerGuest: number;
}

/** Measures in a process of its own, on one CPU when it is given: takes some seconds. */
export async function measureTick(
  children: Children,
  cpu: number | undefined,
  guests: number,
): Promise<TickFigures> {
  const command = [process.execPath, '--expose-gc', '--import', 'tsx', SCRIPT, String(guests)];
  const child = children.start(command, cpu, ['ignore', 'pipe', 'inherit']);
  let output = '';
  child.stdout!.on('data', (text: Buffer) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the measurement of the emulation ended with ${code}`);
  return JSON.parse(output) as TickFigures;
}
