import type { EmulatorProcess } from '../process/emulator-process.ts';
import type { TickSpan } from '../tick/host-engine.ts';

/** Ticks in which every guest, and every host itself, is looked at once. */
export const LOOK_TICKS = 10;

/** Whether a guest's turn to be looked at lies in a span. A span that begins in the middle of a tick has none. */
export function isLookTurn({ number }: EmulatorProcess, { tick, tickMs, spanMs, begins }: TickSpan): boolean {
  const wait = (number + LOOK_TICKS - (tick % LOOK_TICKS)) % LOOK_TICKS;
  return begins && wait * tickMs < spanMs;
}
