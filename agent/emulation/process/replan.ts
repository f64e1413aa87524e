import type { Core } from '../core.ts';
import type { Domain } from '../domain/domain.ts';
import { settleGuest } from '../tick/guest-tick.ts';
import type { EmulatorProcess } from './emulator-process.ts';

/** Changes a process in the middle of a tick; if it runs, it is planned anew for what is left of the tick. */
export function replan(core: Core, { host }: Domain, process: EmulatorProcess, change: () => void): void {
  const { engine } = host;
  const ran = process.place >= 0;
  if (ran) engine.halt(process, core.clock.nowMs);
  else settleGuest(process, core.clock.nowMs);
  change();
  if (ran) engine.run(process, core.ticker.rest());
}
