import type { z } from 'zod';
import { variableName } from './environment.ts';
import { nearest } from './nearest.ts';
import { isSecretive, keysAt, listOptions, mayHoldSecret, optionAt, pathText } from './options.ts';
import type { Override } from './overrides.ts';
import type { Position, YamlSource } from './yaml-source.ts';

/** Length of a value that a message quotes. */
const QUOTED_LENGTH = 60;

/** Something wrong with the configuration, before it is known where it came from. */
export interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The key is wrong, not its value. */
  readonly atKey?: boolean;
  /** The path to name in the message, where it isn't `path`. */
  readonly shown?: string;
}

/** Where the values of a configuration came from. */
export interface Origins {
  /** Name of the file, as it was given. */
  readonly file: string;
  readonly source: YamlSource;
  readonly overrides: readonly Override[];
}

/** What the schema found, in words: what the value is, and what would be right. `data` is what the schema saw. */
export function schemaProblems(issues: readonly z.core.$ZodIssue[], raw: unknown): Problem[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? unknownKeys(issue) : [valueProblem(issue, raw)],
  );
}

/** One line for each problem, those of flags first, then in the order of the file. */
export function problemLines(problems: readonly Problem[], origins: Origins): string[] {
  const fromFlags: string[] = [];
  const fromFile: (Position & { text: string })[] = [];
  for (const problem of problems) {
    const override = origins.overrides.find(({ path }) => path.every((key, i) => key === problem.path[i]));
    if (override !== undefined) {
      fromFlags.push(`${override.flag}: ${problem.message}`);
    } else {
      const place = problem.atKey ? origins.source.keyPosition : origins.source.position;
      const path = problem.shown ?? pathText(problem.path);
      fromFile.push({
        ...place(problem.path),
        text: path === '' ? problem.message : `${path}: ${problem.message}`,
      });
    }
  }
  fromFile.sort((a, b) => a.line - b.line || a.column - b.column);
  const located = fromFile.map(({ line, column, text }) => `${origins.file}:${line}:${column} ${text}`);
  return [...new Set([...fromFlags, ...located])];
}

function unknownKeys(issue: z.core.$ZodIssueUnrecognizedKeys): Problem[] {
  const known = keysAt(issue.path);
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    const near = nearest(key, known);
    // A key that resembles none of a group with secrets may be a secret in the wrong place.
    const shown = near === undefined && isSecretive(issue.path) ? pathText(issue.path) : pathText(path);
    return {
      path,
      atKey: true,
      shown: shorten(shown),
      message: `an unknown option; ${advice(key, near, known)}`,
    };
  });
}

function advice(key: string, near: string | undefined, known: readonly string[]): string {
  if (near !== undefined) return `did you mean ${near}?`;
  const elsewhere = listOptions().find(({ path }) => path.split('.').at(-1) === key);
  if (elsewhere !== undefined) return `did you mean ${elsewhere.path}?`;
  return `expected ${known.length === 1 ? known[0] : `one of ${known.join(', ')}`}`;
}

function valueProblem(issue: z.core.$ZodIssue, raw: unknown): Problem {
  const { path, value } = lookUp(raw, issue.path);
  if (issue.code === 'custom' && issue.params?.['whole'] === true) return { path, message: issue.message };
  if (value === undefined) return { path, message: `is missing; expected ${issue.message}` };
  return { path, message: `${valueText(value, path)} is not accepted, expected ${issue.message}` };
}

/** The value at a path as it was written; a path into a value that stands for a list of one ends there. */
function lookUp(
  raw: unknown,
  path: readonly PropertyKey[],
): { path: readonly PropertyKey[]; value: unknown } {
  let value = raw;
  for (const [index, key] of path.entries()) {
    if (typeof value !== 'object' || value === null) return { path: path.slice(0, index), value };
    value = Object.hasOwn(value, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined;
    if (value === undefined) return { path, value };
  }
  return { path, value };
}

function valueText(value: unknown, path: readonly PropertyKey[]): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === null) return 'an empty value';
  if (typeof value === 'object') return 'a group of keys';
  if (mayHoldSecret(path)) return secretText(value, path);
  return shorten(typeof value === 'string' ? JSON.stringify(value) : String(value));
}

/** The name of the variable that a secret came from helps, and is none itself. */
function secretText(value: unknown, path: readonly PropertyKey[]): string {
  const name = optionAt(path)?.env === true ? variableName(value) : undefined;
  return name === undefined ? 'the value' : `the value of the environment variable ${name}`;
}

function shorten(text: string): string {
  const plain = text.replace(/[\p{Cc}\u2028\u2029]/gu, '?');
  return plain.length > QUOTED_LENGTH ? `${plain.slice(0, QUOTED_LENGTH)}...` : plain;
}
