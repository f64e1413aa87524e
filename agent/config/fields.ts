import { z } from 'zod';

/** What the documentation and the error messages say of one option. */
export interface OptionInfo {
  /** What it does, with the unit where there is one. */
  readonly about: string;
  /** What is accepted, as it follows "expected". */
  readonly expected: string;
  /** The default in words, where it isn't a plain value of the schema. */
  readonly defaultText?: string;
  /** Never shown in a message or a log. */
  readonly secret?: boolean;
  /** `${NAME}` in it is replaced by the environment variable. */
  readonly env?: boolean;
  /** A changed value takes effect only when the program is started again. */
  readonly restart?: boolean;
  /** Keys below it are not options of their own in the documentation. */
  readonly whole?: boolean;
}

/** The {@link OptionInfo} of each schema that is an option. */
export const optionInfo = z.registry<OptionInfo>();

/** Marks a schema as an option. */
export function option<S extends z.ZodType>(schema: S, info: OptionInfo): S {
  optionInfo.add(schema, info);
  return schema;
}

/** A whole number within limits. */
export function integer(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A number within limits, not necessarily whole. */
export function decimal(min: number, max: number) {
  const error = `a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** True or false. */
export function flag() {
  return z.boolean({ error: 'true or false' });
}

/** One word of a few. */
export function choice<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: oneOf(values) });
}

/** `one of a, b, c`; a single value alone. */
function oneOf(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `one of ${values.join(', ')}`;
}

/** Text of so many octets in UTF-8, without control characters; `error` is what is expected, in words. */
export function text(
  min: number,
  max: number,
  error = `text of ${min} to ${max} octets without control characters`,
) {
  return z
    .string({ error: (issue) => (isTextWithoutQuotes(issue.input) ? `${error}, in quotes` : error) })
    .refine((value) => isPlainText(value) && octets(value) >= min && octets(value) <= max, { error });
}

/** A list of `min` to `max`; a single value stands for a list of one. */
export function list<S extends z.ZodType>(item: S, max: number, what: string, min = 0) {
  const error = `a list of ${min === 0 ? 'at most' : `${min} to`} ${max} ${what}`;
  const asList = (value: unknown) =>
    value === undefined || Array.isArray(value) || isMapping(value) ? value : [value];
  return z.preprocess(asList, z.array(item, { error }).min(min, { error }).max(max, { error }));
}

/** A group of options; unknown keys are refused. */
export function section<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? undefined : 'a group of options'),
  });
}

function isMapping(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** YAML reads a word such as 42 or true as something other than text. */
function isTextWithoutQuotes(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function octets(value: string): number {
  return Buffer.byteLength(value, 'utf8');
}

function isPlainText(value: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  return !/[\u0000-\u001f\u007f]/.test(value) && !/\p{Surrogate}/u.test(value);
}

/** What a schema reads, once it is frozen. */
export type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;
