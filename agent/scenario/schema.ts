import { z } from 'zod';
import { span } from '../config/fault-rules.ts';
import { option, section, text } from '../config/fields.ts';
import { TIME_SPAN } from '../config/time-span.ts';

const MOST_STEPS = 10_000;
const MOST_SPEED = 1000;
/** Shortest time between two looks, in simulated ms. */
const LEAST_LOOK_MS = 100;
/** When the simulated time begins, unless a scenario says otherwise: a Monday morning. */
const DEFAULT_CLOCK = '2026-01-05T09:00:00Z';

function prose(most: number) {
  const error = `text of 1 to ${most} characters`;
  return z.string({ error }).min(1, { error }).max(most, { error });
}

const speed = z.union([z.literal('max'), z.number().gt(0).max(MOST_SPEED)], {
  error: `max, or simulated seconds for each real second: a number above 0, at most ${MOST_SPEED}`,
});

/** A scenario file, but for what its configuration and its steps hold. */
export const scenarioSchema = section({
  name: option(text(1, 200), { about: 'What it is called in reports.', expected: 'text of 1 to 200 octets' }),
  about: option(prose(4000).optional(), {
    about: 'The story that it tells.',
    expected: 'text of at most 4000 characters',
    defaultText: 'none',
  }),
  clock: option(
    z.iso.datetime({ error: 'a date in UTC such as 2026-01-05T09:00:00Z' }).default(DEFAULT_CLOCK),
    {
      about: 'The simulated date at which it begins.',
      expected: 'a date in UTC',
    },
  ),
  speed: option(speed.default('max'), {
    about:
      'Simulated seconds for each real second; `max` is as fast as the machine can, with the clock standing at each look.',
    expected: `max, or a number above 0, at most ${MOST_SPEED}`,
  }),
  look: option(span(LEAST_LOOK_MS).prefault('1 s'), {
    about: 'Simulated time from one look at what lasts to the next.',
    expected: `${TIME_SPAN}, at least ${LEAST_LOOK_MS} ms`,
    defaultText: '1 s',
  }),
  config: option(z.unknown().optional(), {
    about: 'The configuration (CONFIGURATION.md), or the path of a file that has it.',
    expected: 'a group of options, or a path',
    defaultText: 'the defaults',
    whole: true,
  }),
  timeline: option(
    z
      .array(z.unknown(), { error: 'a list of steps' })
      .min(1, { error: 'a list of one step at least' })
      .max(MOST_STEPS, { error: `a list of at most ${MOST_STEPS} steps` }),
    { about: 'What is done and expected, in the order of time.', expected: 'a list of steps', whole: true },
  ),
  ends: option(span().optional(), {
    about: 'How long it lasts at least, since its start.',
    expected: TIME_SPAN,
    defaultText: 'until its last step is over',
  }),
});

/** What each step has beside `do`, `expect` or `never`. */
export const stepSchema = section({
  at: option(span().optional(), {
    about: 'When, since the start of the scenario.',
    expected: TIME_SPAN,
    defaultText: 'the time of the step before',
  }),
  after: option(span().optional(), {
    about: 'When, since the time of the step before.',
    expected: TIME_SPAN,
    defaultText: '0',
  }),
  name: option(text(1, 200).optional(), {
    about: 'What it is called in reports.',
    expected: 'text of 1 to 200 octets',
    defaultText: 'made of what it does or expects',
  }),
  do: option(z.unknown().optional(), {
    about: 'One action, by its key.',
    expected: 'an action',
    whole: true,
  }),
  expect: option(z.unknown().optional(), {
    about: 'Something that has to be so.',
    expected: 'an expectation',
    whole: true,
  }),
  never: option(z.unknown().optional(), {
    about: 'Something that must not be so.',
    expected: 'an expectation',
    whole: true,
  }),
});

/** When an expectation has to be met. */
export const expectTiming = section({
  within: option(span().default(0), {
    about: 'The latest that it may come to be so, since the time of the step.',
    expected: TIME_SPAN,
    defaultText: '0: at that time',
  }),
  holds: option(span().default(0), {
    about: 'How long it must stay so; for `snmp`, `alarm` and `http`.',
    expected: TIME_SPAN,
    defaultText: '0',
  }),
});

/** How long something must not be so. */
export const neverTiming = section({
  until: option(span(), {
    about: 'Up to when, since the start of the scenario as `at` is.',
    expected: TIME_SPAN,
  }),
});
