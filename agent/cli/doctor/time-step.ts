import type { Findings } from './diagnosis.ts';
import type { EngineClock } from './v3-manager.ts';

/** snmpEngineBoots stays here, and nothing authenticated is taken any more (RFC 3414 section 2.2.2). */
const LATCHED_BOOTS = 0x7fff_ffff;
/** Half of the time window, in seconds (RFC 3414 section 2.2.3). */
const TIME_WINDOW_SECONDS = 150;

/**
 * Puts down that a request was refused as out of the time window though it was made by the clock that the agent
 * told just before. `clocks`: what the agent told, in order; at least one.
 */
export function putOutOfTime(findings: Findings, clocks: readonly EngineClock[]): void {
  const facts = { boots: clocks.at(-1)!.boots, timeSeconds: clocks.at(-1)!.time };
  const told = clocks.map(({ boots, time }) => `boots ${boots}, time ${time} s`).join('; then ');
  const [says, advice] = reason(clocks);
  findings.failed('time', `${says} (notInTimeWindows). The agent said: ${told}`, advice, facts);
}

function reason(clocks: readonly EngineClock[]): readonly [says: string, advice: string] {
  const last = clocks.at(-1)!;
  if (last.boots === LATCHED_BOOTS) {
    return [
      `the engine's boots have reached ${LATCHED_BOOTS}, where they stay, and the agent refuses everything that is authenticated`,
      'Give the agent a new engine ID, which starts boots again, and create its users again (RFC 3414 section 2.2.2).',
    ];
  }
  const jumps = clocks.some((clock, i) => i > 0 && jumped(clocks[i - 1]!, clock));
  if (clocks.some(({ boots }) => boots !== last.boots) || jumps) {
    return [
      'the clock that the agent tells changes from one answer to the next',
      'Two agents with one engine ID seem to answer behind this address, or the agent starts again and again: look at its log, and give each agent an engine ID of its own.',
    ];
  }
  return [
    'the agent refuses requests that are made by the clock that it told itself',
    'Start the agent again; if that does not help, its clock or its stored boots are broken: report it to its maker.',
  ];
}

function jumped(before: EngineClock, after: EngineClock): boolean {
  const expected = before.time + (after.atMs - before.atMs) / 1000;
  return Math.abs(after.time - expected) > TIME_WINDOW_SECONDS;
}
