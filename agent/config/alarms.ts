import type { z } from 'zod';
import { SEVERITIES } from '../emulation/alarm/alarm.ts';
import {
  ALARM_DEFINITIONS,
  type AlarmDefinition,
  RAISED_KINDS,
  type RaisedKind,
} from '../emulation/alarm/definitions.ts';
import type { AlarmOptions } from '../emulation/alarm/settings.ts';
import { choice, decimal, flag, integer, option, section } from './fields.ts';

const MOST_PERCENT = 1000;
const MOST_SECONDS = 604_800;

/** The options of a kind, as its definition has a use for them. */
function kindSection(definition: AlarmDefinition) {
  const { measured, severity } = definition;
  const base = {
    enabled: option(flag().default(true), {
      about: `Whether there are alarms when: ${measured}.`,
      expected: 'true or false',
    }),
    severity: option(choice(SEVERITIES).default(severity), {
      about: 'Severity of those that are raised from now on.',
      expected: `one of ${SEVERITIES.join(', ')}`,
    }),
  };
  switch (definition.rule) {
    case 'level':
      return section({
        ...base,
        raise: option(level(definition.raise), {
          about: `Raised at this value and above (${definition.unit}).`,
          expected: `a number from 0 to ${MOST_PERCENT}`,
        }),
        clear: option(level(definition.clear), {
          about: 'Cleared below this value, which is less than `raise`.',
          expected: `a number from 0 to ${MOST_PERCENT}`,
        }),
        holdSeconds: option(seconds(definition.holdSeconds), {
          about: 'Seconds that the value must have been there before.',
          expected: `a whole number from 0 to ${MOST_SECONDS}`,
        }),
      });
    case 'state':
      return section({
        ...base,
        holdSeconds: option(seconds(definition.holdSeconds), {
          about: 'Seconds that it must have been so before it is raised.',
          expected: `a whole number from 0 to ${MOST_SECONDS}`,
        }),
      });
    case 'occurrence':
      return section({
        ...base,
        quietSeconds: option(seconds(definition.quietSeconds), {
          about: 'Seconds without another after which it is cleared.',
          expected: `a whole number from 0 to ${MOST_SECONDS}`,
        }),
      });
  }
}

function level(value: number) {
  return decimal(0, MOST_PERCENT).default(value);
}

function seconds(value: number) {
  return integer(0, MOST_SECONDS).default(value);
}

/** The section `alarms`: the options of each kind. */
export const alarms = section(
  Object.fromEntries(
    RAISED_KINDS.map((kind) => {
      const options: z.ZodType<AlarmOptions, AlarmOptions> = kindSection(ALARM_DEFINITIONS[kind]);
      return [kind, options.prefault({})];
    }),
  ) as Record<RaisedKind, z.ZodPrefault<z.ZodType<AlarmOptions, AlarmOptions>>>,
);

/** What of the section does not go together. */
export function alarmConflicts(configured: Readonly<Record<RaisedKind, AlarmOptions>>) {
  return RAISED_KINDS.flatMap((kind) => {
    const { raise, clear } = configured[kind];
    if (raise === undefined || clear === undefined || clear < raise) return [];
    const message = `${clear} is not below ${raise}, at which the alarm is raised; expected less, so that it does not come and go with each small change`;
    return [{ path: ['alarms', kind, 'clear'], message }];
  });
}
