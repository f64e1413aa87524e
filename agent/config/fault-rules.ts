import { z } from 'zod';
import {
  FAULT_KIND_NAMES,
  type FaultKind,
  type FaultParameters,
  faultKindInfo,
} from '../emulation/fault/fault-kind.ts';
import { type FaultRule, RULE_EVENTS } from '../emulation/fault/fault-rule.ts';
import { choice, decimal, flag, integer, option, section, text } from './fields.ts';
import { MEMORY_SIZE, memorySizeKiB } from './memory-size.ts';
import { nearest } from './nearest.ts';
import { TIME_SPAN, timeSpanMs } from './time-span.ts';

const OUTCOMES = ['Ignored', 'Failed', 'Delayed', 'Recovered'] as const;
const MOST_RULES = 1000;
/** Shortest interval of a rule, in ms. */
const LEAST_EVERY_MS = 100;

function read<T>(convert: (value: unknown) => T | undefined, expected: string) {
  return z.unknown().transform((value, context) => {
    const result = convert(value);
    if (result !== undefined) return result;
    context.issues.push({ code: 'custom', message: expected, input: value });
    return z.NEVER;
  });
}

/** A length of simulated time, in ms. */
export function span(leastMs = 0) {
  const expected = leastMs === 0 ? TIME_SPAN : `${TIME_SPAN}, at least ${leastMs} ms`;
  const ms = (value: unknown) => {
    const result = timeSpanMs(value);
    return result !== undefined && result >= leastMs ? result : undefined;
  };
  return read(ms, expected);
}

/** One name of many: a near miss is told what was meant. */
function known<T extends string>(names: readonly T[], what: string) {
  return z.string({ error: what }).transform((value, context) => {
    if ((names as readonly string[]).includes(value)) return value as T;
    const near = nearest(value, names);
    const advice = near === undefined ? `expected one of ${names.join(', ')}` : `did you mean ${near}?`;
    const message = `${JSON.stringify(value)} is not ${what}; ${advice}`;
    context.issues.push({ code: 'custom', message, input: value, params: { whole: true } });
    return z.NEVER;
  });
}

const target = section({
  name: option(text(1, 255).optional(), {
    about: 'Names of guests; `*` stands for any characters, `?` for one. Not for faults of hosts.',
    expected: 'text of 1 to 255 octets',
    defaultText: 'all',
  }),
  host: option(text(1, 255).optional(), {
    about: 'Names of hosts, in the same way.',
    expected: 'text of 1 to 255 octets',
    defaultText: 'all',
  }),
  type: option(text(1, 64).optional(), {
    about: 'Domain type, such as kvm. Not for faults of hosts.',
    expected: 'text of 1 to 64 octets',
    defaultText: 'any',
  }),
  label: option(text(1, 64).optional(), {
    about:
      'A label of the guest (`inventory.list[].labels`; made-up guests have the name of their role). Not for faults of hosts.',
    expected: 'text of 1 to 64 octets',
    defaultText: 'any',
  }),
  probability: option(decimal(0, 1).default(1), {
    about: 'Chance of each target to be hit, each time.',
    expected: 'a number from 0 to 1',
  }),
});

const parameters = section({
  nic: option(integer(0, 255).optional(), {
    about: 'The NIC, by its place in the definition.',
    expected: 'a whole number from 0 to 255',
    defaultText: '0',
  }),
  queue: option(integer(0, 255).optional(), {
    about: 'Its queue pair.',
    expected: 'a whole number from 0 to 255',
    defaultText: 'all',
  }),
  disk: option(text(1, 32).optional(), {
    about: "The disk's target, such as vda.",
    expected: 'text of 1 to 32 octets',
    defaultText: 'all',
  }),
  pool: option(text(1, 64).optional(), {
    about: 'The storage pool.',
    expected: 'text of 1 to 64 octets',
    defaultText: 'the first',
  }),
  bridge: option(text(1, 64).optional(), {
    about: 'The bridge whose uplink it is.',
    expected: 'text of 1 to 64 octets',
    defaultText: 'the first with an uplink',
  }),
  uplink: option(text(1, 15).optional(), {
    about: 'The physical NIC, such as a slave of a bond.',
    expected: 'text of 1 to 15 octets',
    defaultText: 'that of `bridge`; of a bond the first slave',
  }),
  cycle: option(span(LEAST_EVERY_MS).optional(), {
    about: 'From one loss of a link to the next; half of that it is down.',
    expected: `${TIME_SPAN}, at least ${LEAST_EVERY_MS} ms`,
    defaultText: '10 s',
  }),
  sensor: option(text(1, 64).optional(), {
    about: 'The sensor.',
    expected: 'text of 1 to 64 octets',
    defaultText: 'the first fan',
  }),
  factor: option(decimal(1, 1_000_000).optional(), {
    about: 'How many times as long a request takes.',
    expected: 'a number from 1 to 1000000',
    defaultText: '10',
  }),
  share: option(decimal(0, 1).optional(), {
    about: 'The part of it that is hit: of requests, of vCPUs, of the memory.',
    expected: 'a number from 0 to 1',
    defaultText: '1',
  }),
  lockShare: option(decimal(0, 1).optional(), {
    about: 'Part of its time that a vCPU holds a contended lock.',
    expected: 'a number from 0 to 1',
    defaultText: '0',
  }),
  rate: option(read(memorySizeKiB, MEMORY_SIZE).optional(), {
    about: 'What is taken each second, in KiB when there is no unit.',
    expected: MEMORY_SIZE,
    defaultText: '16 MiB of a leak, 100 MiB of a pool, 1 GiB of the memory of a host',
  }),
  recipient: option(choice(['GUEST', 'HYPERVISOR']).optional(), {
    about: 'Whose memory is broken.',
    expected: 'one of GUEST, HYPERVISOR',
    defaultText: 'GUEST',
  }),
  actionRequired: option(flag().optional(), {
    about: 'Whether the processor needs the broken page to go on.',
    expected: 'true or false',
    defaultText: 'true',
  }),
  outcome: option(choice(OUTCOMES).optional(), {
    about: "What the guest's kernel makes of the broken page.",
    expected: `one of ${OUTCOMES.join(', ')}`,
    defaultText: 'Recovered',
  }),
});

const rule = section({
  name: option(text(1, 64), { about: 'Its name, unique.', expected: 'text of 1 to 64 octets' }),
  kind: option(known(FAULT_KIND_NAMES, 'a kind of fault'), {
    about: 'What goes wrong: see [FAULTS.md](FAULTS.md).',
    expected: `one of ${FAULT_KIND_NAMES.join(', ')}`,
  }),
  target: target.prefault({}),
  parameters: parameters.prefault({}),
  at: option(span().optional(), {
    about: "When it begins, since the simulation's start.",
    expected: TIME_SPAN,
  }),
  every: option(span(LEAST_EVERY_MS).optional(), {
    about: 'How often it begins.',
    expected: `${TIME_SPAN}, at least ${LEAST_EVERY_MS} ms`,
  }),
  from: option(span().optional(), {
    about: "With `every`: the first time, since the simulation's start.",
    expected: TIME_SPAN,
    defaultText: 'after one interval',
  }),
  after: option(known(RULE_EVENTS, 'an event').optional(), {
    about: 'It begins each time that this event happens to the target, to a guest of it, or to its host.',
    expected: 'the name of an event, such as STOPPED/CRASHED or WATCHDOG',
  }),
  while: option(text(1, 64).optional(), {
    about:
      'It is in effect while a fault of the rule of this name is, on the target, a guest of it, or its host.',
    expected: 'the name of another rule',
  }),
  delay: option(span().optional(), {
    about: 'With `after` or `while`: how long after that.',
    expected: TIME_SPAN,
    defaultText: '0',
  }),
  jitter: option(span().optional(), {
    about: 'How much earlier or later than that each time is, at most.',
    expected: TIME_SPAN,
    defaultText: '0',
  }),
  duration: option(span(1).optional(), {
    about: 'How long it lasts.',
    expected: TIME_SPAN,
    defaultText: 'until it ends by itself, or its rule is gone',
  }),
  count: option(integer(1, 1_000_000).optional(), {
    about: 'How often it begins on one target at most.',
    expected: 'a whole number from 1 to 1000000',
    defaultText: 'no limit',
  }),
})
  .superRefine((entry, context) => {
    const issue = (path: readonly string[], message: string) =>
      context.addIssue({ code: 'custom', path: [...path], message, params: { whole: true } });
    const times = (['at', 'every', 'after', 'while'] as const).filter((key) => entry[key] !== undefined);
    if (times.length === 0)
      issue([], `${entry.name} does not say when it begins; expected one of at, every, after, while`);
    if (times.length > 1)
      issue([times[1]!], `beside ${times[0]}; expected one of at, every, after, while alone`);
    if (entry.from !== undefined && entry.every === undefined)
      issue(['from'], 'without every; expected at, for a fault that begins once');
    if (entry.delay !== undefined && entry.after === undefined && entry.while === undefined)
      issue(['delay'], 'without after or while; expected a later time in at, every or from');
    if (entry.while === entry.name) issue(['while'], 'its own name; expected that of another rule');
    if (FAULT_KIND_NAMES.includes(entry.kind)) checkKind(entry.kind, entry, issue);
  })
  .transform(toRule);

interface Entry {
  readonly name: string;
  readonly kind: FaultKind;
  readonly target: z.output<typeof target>;
  readonly parameters: z.output<typeof parameters>;
  readonly at?: number | undefined;
  readonly every?: number | undefined;
  readonly from?: number | undefined;
  readonly after?: string | undefined;
  readonly while?: string | undefined;
  readonly delay?: number | undefined;
  readonly jitter?: number | undefined;
  readonly duration?: number | undefined;
  readonly count?: number | undefined;
}

/** Parameters whose names a configuration has differently: without their units. */
const CONFIG_NAMES: Readonly<Partial<Record<keyof FaultParameters, string>>> = {
  bytesPerSecond: 'rate',
  cycleMs: 'cycle',
};

/** What a kind has no use for would only seem to do something. */
function checkKind(
  kind: FaultKind,
  entry: Entry,
  issue: (path: readonly string[], message: string) => void,
): void {
  const { on, parameters: takes } = faultKindInfo(kind);
  const allowed: readonly string[] = takes.map((name) => CONFIG_NAMES[name] ?? name);
  for (const [name, value] of Object.entries(entry.parameters)) {
    if (value === undefined || allowed.includes(name)) continue;
    const expected = allowed.length === 0 ? 'it has none' : `expected ${allowed.join(', ')}`;
    issue(['parameters', name], `not a parameter of ${kind}; ${expected}`);
  }
  if (on === 'guest') return;
  for (const name of ['name', 'type', 'label'] as const)
    if (entry.target[name] !== undefined)
      issue(['target', name], `about guests, and ${kind} is a fault of hosts; expected host`);
}

function toRule(entry: Entry): FaultRule {
  const { at, every, from, after, delay, jitter, duration, count } = entry;
  const { rate, cycle, ...others } = entry.parameters;
  return {
    name: entry.name,
    kind: entry.kind,
    parameters: given({
      ...others,
      cycleMs: cycle,
      bytesPerSecond: rate === undefined ? undefined : rate * 1024,
    }),
    target: given(entry.target),
    when:
      at !== undefined
        ? { atMs: at }
        : every !== undefined
          ? { everyMs: every, ...(from === undefined ? {} : { fromMs: from }) }
          : after !== undefined
            ? { after }
            : { while: entry.while ?? '' },
    ...given({ delayMs: delay, jitterMs: jitter, durationMs: duration, count }),
  };
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is not given. */
function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** The section `faults`: what goes wrong, with whom, when and for how long. */
export const faults = option(
  z
    .array(rule, { error: 'a list of rules, each with a name and a kind' })
    .max(MOST_RULES, { error: `a list of at most ${MOST_RULES} rules` })
    .default([]),
  {
    about:
      'Rules by which something goes wrong. Read again, a rule that is as it was goes on; the faults of one that is gone or changed end.',
    expected: 'a list of rules, each with a name and a kind',
  },
);
