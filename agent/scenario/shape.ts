import type { z } from 'zod';
import { nearest } from '../config/nearest.ts';
import type { Problem } from '../config/problems.ts';

/** Length of a value that a message quotes. */
const QUOTED_LENGTH = 60;

/** Names that a message lists. */
const MOST_NAMED = 24;

/** What a schema finds in a part of a file: its value, or what is wrong, with paths from the file's root. */
export type Shaped<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

/** Holds a part of a file against its schema. `known`: keys that are allowed beside those of the schema. */
export function shaped<S extends z.ZodType>(
  schema: S,
  raw: unknown,
  path: readonly PropertyKey[],
  known: readonly string[] = [],
): Shaped<z.output<S>> {
  const result = schema.safeParse(raw);
  if (result.success) return { value: result.data };
  return { problems: result.error.issues.flatMap((issue) => problemsOf(issue, schema, raw, path, known)) };
}

/** The keys of the groups that a schema allows at a path; of all alternatives. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'default':
    case 'prefault':
    case 'optional':
      return keysAt(def.innerType, path);
    case 'pipe':
      return keysAt(isTransform(def.in) ? def.out : def.in, path);
    case 'union':
      return [...new Set(def.options.flatMap((option) => keysAt(option, path)))];
    case 'array':
      return keysAt(def.element, path.slice(1));
    case 'object': {
      const [key, ...rest] = path;
      if (key === undefined) return Object.keys(def.shape);
      const inner = def.shape[String(key)];
      return inner ? keysAt(inner, rest) : [];
    }
    default:
      return [];
  }
}

/** What an unknown key should have been. */
export function adviceOn(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near !== undefined) return `did you mean ${near}?`;
  const some = known.slice(0, MOST_NAMED).join(', ');
  if (known.length > MOST_NAMED) return `expected one of ${known.length}: ${some}, ...`;
  return known.length === 1 ? `expected ${some}` : `expected one of ${some}`;
}

function isTransform(schema: z.core.$ZodType): boolean {
  return (schema as z.core.$ZodTypes)._zod.def.type === 'transform';
}

function problemsOf(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  raw: unknown,
  base: readonly PropertyKey[],
  known: readonly string[],
): Problem[] {
  const path = [...base, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = [...keysAt(schema, issue.path), ...(issue.path.length === 0 ? known : [])];
      return issue.keys.map((key) => ({
        path: [...path, key],
        atKey: true,
        message: `an unknown key; ${adviceOn(key, allowed)}`,
      }));
    }
    case 'invalid_union':
      return unionProblems(issue, schema, raw, base, known);
    default:
      return [{ path, message: valueMessage(issue, valueAt(raw, issue.path)) }];
  }
}

/** Of several alternatives, what is wrong with the one that fits best. */
function unionProblems(
  issue: z.core.$ZodIssueInvalidUnion,
  schema: z.ZodType,
  raw: unknown,
  base: readonly PropertyKey[],
  known: readonly string[],
): Problem[] {
  const found = issue.errors.map((issues) =>
    issues.map((one) => ({ ...one, path: [...issue.path, ...one.path] })),
  );
  const best = found.filter((issues) => issues.length > 0).toSorted((a, b) => misfit(a) - misfit(b))[0];
  if (best) {
    const unknown = best.filter(({ code }) => code === 'unrecognized_keys');
    // What a misspelt key stands for is not missing.
    return (unknown.length > 0 ? unknown : best).flatMap((one) =>
      problemsOf(one as z.core.$ZodIssue, schema, raw, base, known),
    );
  }
  const keys = keysAt(schema, issue.path);
  const message = `none of what is accepted here; expected ${keys.length > 0 ? `one of ${keys.join(', ')}` : 'another value'}`;
  return [{ path: [...base, ...issue.path], message }];
}

/** An alternative whose keys are those that were written is what was meant. */
function misfit(
  issues: readonly { readonly code?: string; readonly path: readonly PropertyKey[] }[],
): number {
  return issues.reduce(
    (sum, { code, path }) => sum + (code === 'unrecognized_keys' ? 2 : path.length > 1 ? 1 : 1.5),
    0,
  );
}

function valueMessage(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'custom' && issue.params?.['whole'] === true) return issue.message;
  const expected = expectedText(issue, value);
  return value === undefined ? `is missing; ${expected}` : `${quoted(value)} is not accepted, ${expected}`;
}

function expectedText(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_value' && typeof value === 'string')
    return adviceOn(value, issue.values.map(String));
  // The schemas of the API speak by zod's own messages, those of the configuration say what follows "expected".
  const own = /^(?:Invalid|Too)\b.*?\bexpected (.*?)(?:, received .*)?$/.exec(issue.message);
  return `expected ${own ? own[1] : issue.message}`;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    raw,
  );
}

function quoted(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === null) return 'an empty value';
  if (typeof value === 'object') return 'a group of keys';
  const plain = (typeof value === 'string' ? JSON.stringify(value) : String(value)).replace(/\p{Cc}/gu, '?');
  return plain.length > QUOTED_LENGTH ? `${plain.slice(0, QUOTED_LENGTH)}...` : plain;
}
