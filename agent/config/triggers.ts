import { z } from 'zod';
import { span } from './fault-rules.ts';
import { choice, flag, integer, list, option, section, text } from './fields.ts';
import { notificationName, objectName } from './object-name.ts';
import { TIME_SPAN } from './time-span.ts';

const MAX_TRIGGERS = 1000;
const MAX_OBJECTS = 100;
const LEAST_EVERY_MS = 1000;
const LEAST_INTEGER = -2_147_483_648;
const MOST_INTEGER = 2_147_483_647;
const COMPARISONS = ['unequal', 'equal', 'less', 'lessOrEqual', 'greater', 'greaterOrEqual'] as const;
const CHANGES = ['present', 'absent', 'changed'] as const;
const STATES = ['present', 'absent'] as const;
const CROSSINGS = ['rising', 'falling', 'risingOrFalling'] as const;
const TIMES = ['timeTicks', 'timeStamp', 'dateAndTime'] as const;
const OBJECT = 'a name or an object identifier: of an instance, or with `.*` behind it all that begin so';

const existence = section({
  on: option(
    list(choice(CHANGES), CHANGES.length, `entries: ${CHANGES.join(', ')}`, 1).default([...STATES]),
    {
      about: 'What fires it: that the object comes, goes, or has another value.',
      expected: `a list of: ${CHANGES.join(', ')}`,
    },
  ),
  startup: option(list(choice(STATES), STATES.length, `entries: ${STATES.join(', ')}`).default([]), {
    about: 'What of that fires it at the first sample already.',
    expected: `a list of: ${STATES.join(', ')}`,
    defaultText: 'nothing',
  }),
});

const boolean = section({
  is: option(choice(COMPARISONS), {
    about: 'What the sample must be to `value`; it fires when that comes to be so.',
    expected: `one of ${COMPARISONS.join(', ')}`,
  }),
  value: option(integer(LEAST_INTEGER, MOST_INTEGER), {
    about: 'What the sample is compared with.',
    expected: 'a whole number of 32 bits',
  }),
  startup: option(flag().default(true), {
    about: 'Whether it fires when that is so at the first sample.',
    expected: 'true or false',
  }),
});

const threshold = section({
  rising: option(integer(LEAST_INTEGER, MOST_INTEGER), {
    about: 'It fires when the sample reaches this from below, and not again before `falling` was reached.',
    expected: 'a whole number of 32 bits',
  }),
  falling: option(integer(LEAST_INTEGER, MOST_INTEGER), {
    about: 'It fires when the sample reaches this from above, and not again before `rising` was reached.',
    expected: 'a whole number of 32 bits, at most `rising`',
  }),
  deltaRising: option(integer(LEAST_INTEGER, MOST_INTEGER).optional(), {
    about:
      'It fires when the value has grown by this since the sample before and had not at that, and not again before `deltaFalling` was reached.',
    expected: 'a whole number of 32 bits',
    defaultText: 'none',
  }),
  deltaFalling: option(integer(LEAST_INTEGER, MOST_INTEGER).optional(), {
    about:
      'It fires when that difference comes down to this, and not again before `deltaRising` was reached.',
    expected: 'a whole number of 32 bits, at most `deltaRising`',
    defaultText: 'none; must be given with `deltaRising`',
  }),
  startup: option(choice(CROSSINGS).default('risingOrFalling'), {
    about: 'Which of the two fire when they are met at the first sample, or by the first difference.',
    expected: `one of ${CROSSINGS.join(', ')}`,
  }),
}).superRefine(({ rising, falling, deltaRising, deltaFalling }, context) => {
  const issue = (path: string[], message: string) =>
    context.addIssue({ code: 'custom', path, message, params: { whole: true } });
  if (falling > rising) issue(['falling'], `${falling} is above rising, ${rising}; expected at most that`);
  if (deltaRising === undefined && deltaFalling === undefined) return;
  if (deltaRising === undefined || deltaFalling === undefined) {
    const [given, missing] =
      deltaRising === undefined ? ['deltaFalling', 'deltaRising'] : ['deltaRising', 'deltaFalling'];
    issue([given], `there is no ${missing}; expected both or neither`);
  } else if (deltaFalling > deltaRising) {
    issue(['deltaFalling'], `${deltaFalling} is above deltaRising, ${deltaRising}; expected at most that`);
  }
});

const discontinuity = section({
  object: option(objectName, {
    about: 'The time of a new beginning; with `.*` that of the instance.',
    expected: OBJECT,
  }),
  type: option(choice(TIMES).default('timeStamp'), {
    about:
      'What it is: `timeTicks` is less than before after a new beginning, as sysUpTime is; the others are different from before.',
    expected: `one of ${TIMES.join(', ')}`,
  }),
});

const set = section({
  object: option(objectName, {
    about: 'What is set when it fires; with `.*` at the instance that fired.',
    expected: OBJECT,
  }),
  value: option(integer(LEAST_INTEGER, MOST_INTEGER), {
    about: 'What it is set to.',
    expected: 'a whole number of 32 bits',
  }),
});

const trigger = section({
  name: option(text(1, 32), {
    about: 'Name, unique: its row in mteTriggerTable has the owner `config` and this name.',
    expected: 'text of 1 to 32 octets',
  }),
  comment: option(text(0, 255).default(''), {
    about: 'What it is for.',
    expected: 'text of 0 to 255 octets',
  }),
  object: option(objectName, { about: 'What it looks at.', expected: OBJECT }),
  every: option(span(LEAST_EVERY_MS).default(600_000), {
    about: 'From one sample to the next, in simulated time; whole seconds count.',
    expected: `${TIME_SPAN}, at least ${LEAST_EVERY_MS} ms`,
    defaultText: '10 min',
  }),
  sample: option(choice(['absolute', 'delta']).default('absolute'), {
    about: 'Whether the value is tested, or the difference from the sample before.',
    expected: 'one of absolute, delta',
  }),
  discontinuity: option(discontinuity.optional(), {
    about:
      'What says that the value began anew, so that there is no difference at one sample; sysUpTime does in any case.',
    expected: 'a group of options',
    defaultText: 'none',
  }),
  existence: option(existence.optional(), {
    about: 'Tests whether the object is there.',
    expected: 'a group of options',
    defaultText: 'none',
  }),
  boolean: option(boolean.optional(), {
    about: 'Compares the sample with a value.',
    expected: 'a group of options',
    defaultText: 'none',
  }),
  threshold: option(threshold.optional(), {
    about: 'Tests whether the sample crosses a level.',
    expected: 'a group of options',
    defaultText: 'none',
  }),
  notify: option(notificationName.optional(), {
    about: 'The notification that is sent when it fires; `none` where it only sets.',
    expected: 'the name or object identifier of a notification, or none',
    defaultText: 'mteTriggerRising and mteTriggerFalling for a threshold, otherwise mteTriggerFired',
  }),
  objects: option(list(objectName, MAX_OBJECTS, 'objects').default([]), {
    about: 'What goes along with its notifications; with `.*` of the instance that fired.',
    expected: `${OBJECT}, or a list of them`,
  }),
  set: option(set.optional(), {
    about: 'An object that is set when it fires.',
    expected: 'a group of options',
    defaultText: 'none',
  }),
  enabled: option(flag().default(true), {
    about: 'Whether it is in use.',
    expected: 'true or false',
  }),
}).superRefine((given, context) => {
  const issue = (path: string[], message: string) =>
    context.addIssue({ code: 'custom', path, message, params: { whole: true } });
  if (!(given.existence ?? given.boolean ?? given.threshold))
    issue([], 'tests nothing; expected existence, boolean or threshold to be given');
  if (given.notify?.length === 0 && !given.set)
    issue(['notify'], 'it would do nothing when it fires; expected a notification, or set to be given');
  const { discontinuity, sample, object } = given;
  if (!discontinuity) return;
  // mteTriggerDeltaTable has a row for a trigger that samples differences, and none for another (RFC 2981 section 4).
  if (sample !== 'delta')
    issue(['discontinuity'], 'there are no differences without sample: delta; expected that as well');
  if (discontinuity.object.wildcard && !object.wildcard)
    issue(
      ['discontinuity', 'object'],
      'is of the instances of a wildcard, and object is of one; expected one as well',
    );
});

/** The section `triggers`. */
export const triggers = option(
  z
    .array(trigger, { error: 'a list of triggers, each with a name' })
    .max(MAX_TRIGGERS, { error: `a list of at most ${MAX_TRIGGERS} triggers` })
    .default([]),
  { about: 'What is watched, and told when it is so.', expected: 'a list of triggers' },
);

/** Triggers of the same name. */
export function triggerConflicts(triggers: readonly { readonly name: string }[]) {
  const names = triggers.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return [];
    const message = `the name of triggers[${first}]; expected another`;
    return [{ path: ['triggers', index, 'name'], message }];
  });
}
