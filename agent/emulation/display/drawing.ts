import { fields, type Part, type PartShape } from '../machine/layout.ts';
import { type Machine, readCounter } from '../machine/machine.ts';
import { fetched, interruptsOf, type Qxl } from './qxl.ts';
import { QXL_RING, type QxlConfig } from './qxl-config.ts';

/** What a guest's programs have drawn by themselves: ring entries fetched, areas read back, times it found the ring full. */
const COUNTERS = fields('COMMANDS', 'CURSORS', 'UPDATES', 'FULL');
const { COMMANDS, CURSORS, UPDATES, FULL } = COUNTERS;
const STATE = fields('COMMAND_PART', 'CURSOR_PART', 'UPDATE_PART');

/** The room of a display's drawing in a machine. */
export const DRAWING_SHAPE: PartShape = {
  counters: Object.keys(COUNTERS).length,
  state: Object.keys(STATE).length,
};

/** Whether the driver takes the display's asynchronous commands. */
function isAsynchronous({ async, revision }: QxlConfig): boolean {
  return async && revision >= 3;
}

/**
 * Plans what a guest's desktop draws in the span that has begun. Returns the share of a vCPU's time that waits for
 * the renderer meanwhile, 0 to 1: none with asynchronous commands.
 *
 * `activity` is how busy the guest is, 0 to 1; `clients` are those that look on. Drivers draw whether or not anybody
 * does, the mouse moves only when somebody does.
 */
export function planDrawing(
  { numbers, layout }: Machine,
  part: Part,
  config: QxlConfig,
  activity: number,
  clients: number,
  spanMs: number,
): number {
  const growths = part.counters + layout.counterCount;
  const seconds = (activity * spanMs) / 1000;
  const drawn = seconds * (clients > 0 ? 1 : config.unattendedShare);
  const fetches = Math.floor((config.fetchPerSecond * spanMs) / 1000);
  const wanted = whole(numbers, part.state + STATE.COMMAND_PART, config.drawPerSecond * drawn);
  const commands = Math.min(wanted, fetches);
  numbers[growths + COMMANDS] = commands;
  // A driver that finds the ring full waits until the renderer has emptied it.
  if (wanted > fetches) numbers[growths + FULL] = Math.floor(commands / QXL_RING.command);
  const moves = clients > 0 ? (config.cursorPerSecond * spanMs) / 1000 : 0;
  numbers[growths + CURSORS] = Math.min(fetches, whole(numbers, part.state + STATE.CURSOR_PART, moves));
  // One after the other, whether the vCPU waits or not.
  const most = Math.floor((spanMs * 1e6) / config.renderNs);
  const updates = Math.min(
    most,
    whole(numbers, part.state + STATE.UPDATE_PART, config.updatesPerSecond * drawn),
  );
  numbers[growths + UPDATES] = updates;
  return isAsynchronous(config) ? 0 : (updates * config.renderNs) / (spanMs * 1e6);
}

/** A whole number; the fraction counts the next time. */
function whole(numbers: Float64Array, carry: number, amount: number): number {
  const sum = amount + numbers[carry]!;
  numbers[carry] = sum - Math.floor(sum);
  return Math.floor(sum);
}

/** Exits of the vCPUs for what is planned: each entry is announced, each area asked for. */
export function drawingExits({ numbers, layout }: Machine, part: Part): number {
  const growths = part.counters + layout.counterCount;
  return numbers[growths + COMMANDS]! + numbers[growths + CURSORS]! + numbers[growths + UPDATES]!;
}

/** Interrupts of the display for what is planned. */
export function drawingInterrupts({ numbers, layout }: Machine, part: Part, config: QxlConfig): number {
  const growths = part.counters + layout.counterCount;
  return numbers[growths + FULL]! + (isAsynchronous(config) ? numbers[growths + UPDATES]! : 0);
}

/** What a display has done since its emulator was started: by itself, and as it was told. */
export interface DisplayCounters {
  readonly asyncStarted: number;
  readonly asyncCompleted: number;
  readonly blockedNs: number;
  readonly displayInterrupts: number;
  readonly ioInterrupts: number;
  readonly commandsFetched: number;
  readonly cursorsFetched: number;
}

/** Reads a display at an instant, `guestMs` of its guest and `nowMs` of the simulation. */
export function readDisplay(
  qxl: Qxl,
  guestMs: number,
  machine: Machine,
  part: Part,
  nowMs: number,
): DisplayCounters {
  const drawn = (counter: number) => readCounter(machine, part.counters + counter, nowMs);
  const updates = drawn(UPDATES);
  const async = isAsynchronous(qxl.config) ? updates : 0;
  return {
    asyncStarted: qxl.asyncStarted + async,
    asyncCompleted: qxl.asyncCompleted + async,
    blockedNs: Math.floor(qxl.blockedNs) + (updates - async) * qxl.config.renderNs,
    displayInterrupts: interruptsOf(qxl, 'DISPLAY') + drawn(FULL),
    ioInterrupts: interruptsOf(qxl, 'IO_CMD') + async,
    commandsFetched: fetched(qxl, guestMs, 'commands') + drawn(COMMANDS),
    cursorsFetched: fetched(qxl, guestMs, 'cursors') + drawn(CURSORS),
  };
}
