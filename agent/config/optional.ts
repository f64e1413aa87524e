import { z } from 'zod';
import { filledNumberSet } from '../emulation/inventory/xml/values.ts';
import { choice, decimal, flag, integer, type OptionInfo, option, type section, text } from './fields.ts';
import { MEMORY_SIZE, memorySizeKiB } from './memory-size.ts';

/** What a set of numbers may look like, for messages. */
const NUMBER_SET = 'a number, a list of numbers, or text such as "0-3,^2"';

/** An amount of memory or storage as libvirt has it, in KiB. */
export function size() {
  return z.unknown().transform((value, context) => {
    const kib = memorySizeKiB(value);
    if (kib !== undefined) return kib;
    context.issues.push({ code: 'custom', message: MEMORY_SIZE, input: value });
    return z.NEVER;
  });
}

/** A set of CPUs or nodes as libvirt has it, ascending and not empty. */
export function numberSet() {
  return z.unknown().transform((value, context) => {
    const all = Array.isArray(value) ? value : [value];
    const isPlain = all.every((each) => typeof each === 'number' || typeof each === 'string');
    const members = isPlain ? filledNumberSet(all.join(',')) : undefined;
    if (members !== undefined) return members;
    context.issues.push({ code: 'custom', message: NUMBER_SET, input: value });
    return z.NEVER;
  });
}

// Options that need not be given; `defaultText` says what happens then.

/** A whole number within limits. */
export function wholeNumber(min: number, max: number, about: string, defaultText: string) {
  const expected = `a whole number from ${min} to ${max}`;
  return option(integer(min, max).optional(), { about, expected, defaultText });
}

/** A number within limits. */
export function number(min: number, max: number, about: string, defaultText: string) {
  const expected = `a number from ${min} to ${max}`;
  return option(decimal(min, max).optional(), { about, expected, defaultText });
}

/** One word of a few. */
export function word<const T extends readonly [string, ...string[]]>(
  values: T,
  about: string,
  defaultText: string,
) {
  return option(choice(values).optional(), { about, expected: `one of ${values.join(', ')}`, defaultText });
}

/** True or false. */
export function yesNo(about: string, defaultText: string) {
  return option(flag().optional(), { about, expected: 'true or false', defaultText });
}

/** Text of 1 to `max` octets. */
export function label(max: number, about: string, defaultText: string) {
  return option(text(1, max).optional(), { about, expected: `text of 1 to ${max} octets`, defaultText });
}

/** An amount of memory or storage, in KiB. */
export function amount(about: string, defaultText: string) {
  return option(size().optional(), {
    about: `${about}, in KiB when there is no unit.`,
    expected: MEMORY_SIZE,
    defaultText,
  });
}

/** A set of CPUs or nodes. */
export function cpuSet(about: string, defaultText: string) {
  return option(numberSet().optional(), { about, expected: NUMBER_SET, defaultText });
}

/** A list of 1 to `max`. */
export function several<S extends z.ZodType>(item: S, max: number, what: string) {
  const error = `a list of 1 to ${max} ${what}`;
  return z.array(item, { error }).min(1, { error }).max(max, { error });
}

/** A group of options. */
export function group<S extends z.ZodType>(schema: S, about: string, defaultText = 'none') {
  return option(schema.optional(), { about, expected: 'a group of options', defaultText });
}

/** A group for which something shorter may stand, such as `true`; `expand` turns that into the group. */
export function shorthand<S extends z.ZodType>(
  schema: S,
  expand: (value: unknown) => unknown,
  info: OptionInfo & { readonly defaultText: string },
) {
  return option(z.preprocess(expand, schema.optional()), info);
}

/** What a set of options reads. */
export type Read<S extends Record<string, z.ZodType>> = z.output<ReturnType<typeof section<S>>>;

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The entries that have a value. */
export function given<T extends object>(from: T): Given<T> {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined)) as Given<T>;
}

/** As {@link given}; `undefined` when none has. */
export function anyGiven<T extends object>(from: T | undefined): Given<T> | undefined {
  const found = from && given(from);
  return found && Object.keys(found).length > 0 ? found : undefined;
}
