import type { VirtualClock } from './clock.ts';

/** Real ms for which timers may run in one go: requests are answered in between. */
const SLICE_MS = 5;

/**
 * Moves a clock on to an instant as fast as it can, letting others in the process have their turn. `before` is called
 * ahead of each slice, and ends it by throwing.
 */
export async function advanceInSlices(
  clock: VirtualClock,
  ms: number,
  before: () => void = () => {},
): Promise<void> {
  for (let reached = false; !reached; ) {
    before();
    const endsAt = performance.now() + SLICE_MS;
    reached = clock.advanceTo(ms, () => performance.now() < endsAt);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
