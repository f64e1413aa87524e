import {
  type Boot,
  finishedBoot,
  hangIn,
  nextStage,
  planBoot,
  presentStage,
  setBootShare,
  stageEndMs,
  stageProgressMs,
  stageStartMs,
  startBoot,
  whenDoneMs,
} from './boot.ts';
import { asciiOf, type BootMachine, type StageText, visibleText } from './boot-text.ts';
import type { BootStage, ConsoleConfig } from './console-config.ts';
import { type ConsoleText, readLog, type SerialLog, sentBytes, writeLog } from './serial-log.ts';

/**
 * The serial console of one domain from the first message of its firmware on.
 *
 * Immutable; times are guest ms. Evaluated when somebody looks: nothing of it needs a tick or a timer, and what
 * is read does not depend on when it was read before.
 */
export interface SerialConsole {
  readonly config: ConsoleConfig;
  readonly machine: BootMachine;
  readonly boot: Boot;
  /** What the present stage writes; `undefined` when the guest is up. */
  readonly text: StageText | undefined;
  /** Lines of it that are done. */
  readonly linesDone: number;
  /** When the kernel's own clock began. */
  readonly kernelSinceMs: number;
  /** The kernel has stopped for ever: nothing more is written before a reset. */
  readonly halted: boolean;
  readonly log: SerialLog;
}

function consoleOf(
  config: ConsoleConfig,
  machine: BootMachine,
  boot: Boot,
  nowMs: number,
  log: SerialLog,
): SerialConsole {
  const stage = presentStage(boot);
  const text = stage && visibleText(stage.stage, machine, config);
  return { config, machine, boot, text, linesDone: 0, kernelSinceMs: nowMs, halted: false, log };
}

function emptyLog(config: ConsoleConfig, nowMs: number): SerialLog {
  const { bytesPerSecond, scrollbackBytes, backlogBytes } = config;
  return { bytesPerSecond, scrollbackBytes, backlogBytes, text: '', written: 0, clearMs: nowMs, lost: 0 };
}

/** The console of a guest that is switched on; `share` and `pace` as in `startBoot` and `planBoot`. */
export function startConsole(
  config: ConsoleConfig,
  machine: BootMachine,
  nowMs: number,
  share = 1,
  pace = 1,
): SerialConsole {
  const boot = startBoot(planBoot(config, pace), nowMs, share);
  return consoleOf(config, machine, boot, nowMs, emptyLog(config, nowMs));
}

/** The console of a guest that is up, and of whose boot nobody here saw anything. */
export function attachConsole(config: ConsoleConfig, machine: BootMachine, nowMs: number): SerialConsole {
  const boot = finishedBoot(nowMs);
  return consoleOf(config, machine, boot, nowMs, emptyLog(config, nowMs));
}

/** The same line after a reset: stage 1 again, behind what was written before. */
export function resetConsole(seen: SerialConsole, nowMs: number, share = 1, pace = 1): SerialConsole {
  const { config, machine, log } = consoleAt(seen, nowMs);
  const boot = startBoot(planBoot(config, pace), nowMs, share);
  return consoleOf(config, machine, boot, nowMs, log);
}

/** Everything that has happened on the console by an instant. */
export function consoleAt(seen: SerialConsole, nowMs: number): SerialConsole {
  let console = seen;
  while (!console.halted && console.text) {
    console = writeLines(console, console.text, nowMs);
    const end = stageEndMs(console.boot);
    if (end === undefined || end > nowMs) break;
    const boot = nextStage(console.boot, end);
    const stage = presentStage(boot)?.stage;
    console = {
      ...console,
      boot,
      text: stage && visibleText(stage, console.machine, console.config),
      linesDone: 0,
      kernelSinceMs: stage === 'kernel' ? end : console.kernelSinceMs,
    };
  }
  return console.log === seen.log ? console : { ...console, log: compact(console.log) };
}

/** The log with its text as one piece of memory: what was put together line by line takes several times more. */
function compact(log: SerialLog): SerialLog {
  return { ...log, text: Buffer.from(log.text, 'latin1').toString('latin1') };
}

/** The lines of a stage are spread over it evenly, the last one at its end. */
function writeLines(seen: SerialConsole, text: StageText, nowMs: number): SerialConsole {
  const { kernelSinceMs, boot } = seen;
  const { workMs } = presentStage(boot)!;
  const count = text.lines.length;
  let { linesDone, log } = seen;
  for (; linesDone < count; linesDone++) {
    // The share of the last line is 1 whatever the division says: it must not lie beyond the stage's end.
    const at = whenDoneMs(boot, workMs * ((linesDone + 1) / count));
    if (at === undefined || at > nowMs) break;
    log = writeLog(log, at, lineText(text, linesDone, at - kernelSinceMs));
  }
  return linesDone === seen.linesDone ? seen : { ...seen, linesDone, log };
}

function lineText({ lines, stamped }: StageText, index: number, kernelMs: number): string {
  const line = lines[index]!;
  // A prompt waits for an answer on its own line.
  const end = line.endsWith(': ') ? '' : '\r\n';
  if (!stamped) return line + end;
  return `[${(kernelMs / 1000).toFixed(6).padStart(12)}] ${line}${end}`;
}

/** The console with another share of the processors, 0 to 1, from an instant on. */
export function setConsoleShare(seen: SerialConsole, nowMs: number, share: number): SerialConsole {
  if (share === seen.boot.share || !seen.text) return seen;
  const console = consoleAt(seen, nowMs);
  return { ...console, boot: setBootShare(console.boot, nowMs, share) };
}

/** A message of the guest's kernel: seen when its console is this line, and it has not halted. */
export function printKernel(seen: SerialConsole, nowMs: number, text: string): SerialConsole {
  const console = consoleAt(seen, nowMs);
  if (console.halted || !console.config.kernelConsole || text === '') return console;
  const ascii = text.split('\r\n').map(asciiOf).join('\r\n');
  return { ...console, log: writeLog(console.log, nowMs, ascii) };
}

/** The guest's kernel stops for ever: what it has written so far ends the stream until a reset. */
export function haltConsole(seen: SerialConsole, nowMs: number): SerialConsole {
  return { ...consoleAt(seen, nowMs), halted: true };
}

/** The guest hangs once it has done a share (0 to 1) of a stage, or right now in the stage that it is in. */
export function hangConsole(
  seen: SerialConsole,
  nowMs: number,
  where?: { readonly stage: BootStage; readonly share: number },
): SerialConsole {
  const console = consoleAt(seen, nowMs);
  const present = presentStage(console.boot);
  if (where) return { ...console, boot: hangIn(console.boot, where.stage, where.share) };
  if (!present) return console;
  const share = stageProgressMs(console.boot, nowMs) / present.workMs;
  return { ...console, boot: hangIn(console.boot, present.stage, share) };
}

/** What the line has sent from a position on, by an instant; see {@link ConsoleText}. */
export function readConsole(seen: SerialConsole, nowMs: number, position: number): ConsoleText {
  return readLog(consoleAt(seen, nowMs).log, nowMs, position);
}

/** Bytes that the line has sent since the console began. */
export function consoleBytes(seen: SerialConsole, nowMs: number): number {
  return sentBytes(consoleAt(seen, nowMs).log, nowMs);
}

/** The line that was sent last and is not empty, without its end; empty when there is none to be seen. */
export function lastConsoleLine(seen: SerialConsole, nowMs: number): string {
  const { text } = readConsole(seen, nowMs, 0);
  return text.trimEnd().split('\r\n').at(-1) ?? '';
}

/** When the guest will come to a stage, or be up; `undefined` as in `stageStartMs`, and once it has halted. */
export function consoleStageMs(
  seen: SerialConsole,
  nowMs: number,
  stage: BootStage | 'up',
): number | undefined {
  const { halted, boot } = consoleAt(seen, nowMs);
  return halted ? undefined : stageStartMs(boot, stage);
}

const KERNEL_STAGES: ReadonlySet<BootStage> = new Set(['kernel', 'initramfs', 'init']);

/** ms since the guest's kernel began; `undefined` before that, and once it has halted. */
export function guestUptimeMs(seen: SerialConsole, nowMs: number): number | undefined {
  const { halted, boot, kernelSinceMs } = consoleAt(seen, nowMs);
  const stage = presentStage(boot);
  if (halted || (stage && !KERNEL_STAGES.has(stage.stage))) return undefined;
  return nowMs - kernelSinceMs;
}
