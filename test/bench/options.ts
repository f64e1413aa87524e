import { parseArgs } from 'node:util';
import { MAX_WINDOW } from './load/window.ts';
import type { MeasureOptions } from './measure.ts';

/** What `npm run bench` takes. */
export const USAGE = `npm run bench -- [options]
  --guests N,N,...  numbers of guests to measure with (default 100,1000,10000,100000)
  --ticks N,N,...   numbers of guests to measure the emulation with (default 10000,100000)
  --quick           1,000 guests and fewer rounds, the emulation with 10,000: about a minute with notifications,
                    25 s without
  --rounds N        rounds of each kind of request: agent, echo and SNMPv3 in turn (default 7)
  --seconds N       length of a round (default 0.5)
  --window N        requests in flight, 1 to ${MAX_WINDOW} (default 32)
  --spread          walkers start spread over all instances, so that they share no rows
  --judge           also run ../shared/bench/snmpload.c and compare; needs a C compiler
  --no-notify       leave out notifications
  --no-requests     leave out requests
  --no-ticks        leave out the emulation alone
  --help            this text`;

const SIZES = [100, 1000, 10_000, 100_000];
const QUICK_SIZES = [1000];
const TICK_SIZES = [10_000, 100_000];
const QUICK_TICK_SIZES = [10_000];
const MAX_GUESTS = 100_000;
const REPETITIONS = 25;

/** The options of one run. */
export interface BenchOptions extends MeasureOptions {
  readonly sizes: readonly number[];
  /** Numbers of guests that the emulation alone is measured with. */
  readonly ticks: readonly number[];
  readonly judge: boolean;
  readonly notify: boolean;
  readonly requests: boolean;
  readonly help: boolean;
}

/** Reads the command line. Throws an Error that says what is wrong and what would be right. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      guests: { type: 'string' },
      ticks: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      window: { type: 'string', default: '32' },
      spread: { type: 'boolean', default: false },
      judge: { type: 'boolean', default: false },
      'no-notify': { type: 'boolean', default: false },
      'no-requests': { type: 'boolean', default: false },
      'no-ticks': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  const numbers = (option: 'guests' | 'ticks') =>
    values[option]?.split(',').map((text) => number(`--${option}`, text, 1, MAX_GUESTS));
  return {
    sizes: numbers('guests') ?? (quick ? QUICK_SIZES : SIZES),
    ticks: values['no-ticks'] ? [] : (numbers('ticks') ?? (quick ? QUICK_TICK_SIZES : TICK_SIZES)),
    rounds: number('--rounds', values.rounds ?? (quick ? '4' : '7'), 1, 100),
    seconds: decimal('--seconds', values.seconds ?? '0.5', 0.1, 60),
    window: number('--window', values.window, 1, MAX_WINDOW),
    repetitions: REPETITIONS,
    spread: values.spread,
    judge: values.judge,
    notify: !values['no-notify'],
    requests: !values['no-requests'],
    help: values.help,
  };
}

function number(option: string, text: string, low: number, high: number): number {
  const value = decimal(option, text, low, high);
  if (Number.isInteger(value)) return value;
  throw new Error(`${option} ${text}: a whole number is needed`);
}

function decimal(option: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= low && value <= high) return value;
  throw new Error(`${option} ${text}: a number from ${low} to ${high} is needed`);
}
