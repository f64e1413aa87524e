import type { z } from 'zod';
import { type OptionInfo, optionInfo } from './fields.ts';
import { configSchema } from './schema.ts';

/** One option as the documentation lists it. */
export interface Option extends OptionInfo {
  /** Path in the file, `[]` after a list: `communities[].name`. */
  readonly path: string;
  /** The default in words; absent when a value must be given. */
  readonly default?: string;
}

interface Group {
  readonly keys: readonly string[];
  /** Text in the group, and its unknown keys, may be a misplaced secret. */
  readonly secretive: boolean;
}

const options: Option[] = [];
const byPath = new Map<string, Option>();
const groups = new Map<string, Group>();
const aroundSecrets = new Set<string>();

visit(configSchema, '', undefined, undefined);

/** Every option of the schema, in its order. */
export function listOptions(): readonly Option[] {
  return options;
}

/** The option that a concrete path such as `['communities', 0, 'name']` belongs to. */
export function optionAt(path: readonly PropertyKey[]): Option | undefined {
  const pattern = patternOf(path);
  return byPath.get(pattern) ?? byPath.get(pattern.replace(/\[\]$/, ''));
}

/** The keys of the group at a path, when there is a group. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  return groups.get(patternOf(path))?.keys ?? [];
}

/** True when text at this path may be a secret, even when it stands in the wrong place. */
export function mayHoldSecret(path: readonly PropertyKey[]): boolean {
  return (
    aroundSecrets.has(patternOf(path)) || isSecretive(path.slice(0, -1)) || optionAt(path)?.secret === true
  );
}

/** True for a group with a secret among its options. */
export function isSecretive(path: readonly PropertyKey[]): boolean {
  if (groups.get(patternOf(path))?.secretive === true) return true;
  return path.length > 0 && isSecretive(path.slice(0, -1));
}

/** A path as people write it: `communities[0].name`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : joined(text, String(key))),
    '',
  );
}

function patternOf(path: readonly PropertyKey[]): string {
  return pathText(path).replace(/\[\d+\]/g, '[]');
}

function joined(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** Goes through the schema, past the wrappers that zod puts around an option for defaults and conversions. */
function visit(schema: z.core.$ZodType, path: string, info?: OptionInfo, fallback?: string): void {
  const known = optionInfo.get(schema as z.ZodType) ?? info;
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case 'default':
    case 'prefault':
      return visit(def.innerType, path, known, fallback ?? JSON.stringify(def.defaultValue));
    case 'optional':
      return visit(def.innerType, path, known, fallback ?? 'none');
    case 'pipe': {
      const inner = (def.in as z.core.$ZodTypes)._zod.def.type === 'transform' ? def.out : def.in;
      return visit(inner, path, known, fallback);
    }
    case 'array':
      record(path, known, fallback);
      return visit(def.element, `${path}[]`);
    case 'object':
      record(path, known, fallback);
      return visitGroup(def.shape, path, known?.whole === true);
    default:
      record(path, known, fallback);
  }
}

function visitGroup(shape: z.core.$ZodShape, path: string, whole: boolean): void {
  const entries = Object.entries(shape);
  const isSecret = ([, schema]: [string, z.core.$ZodType]) => optionInfo.get(schema as z.ZodType)?.secret;
  const secretive = entries.some(isSecret);
  groups.set(path, { keys: Object.keys(shape), secretive });
  if (secretive) markAround(path);
  if (!whole) for (const [key, schema] of entries) visit(schema, joined(path, key));
}

/** Marks the group and everything that it is inside of. */
function markAround(path: string): void {
  aroundSecrets.add(path);
  if (path !== '') markAround(path.replace(/(\[\]|\.?[^.[\]]+)$/, ''));
}

function record(path: string, info: OptionInfo | undefined, fallback: string | undefined): void {
  if (info === undefined) return;
  const defaultText = info.defaultText ?? fallback;
  const one: Option = { path, ...info, ...(defaultText === undefined ? {} : { default: defaultText }) };
  options.push(one);
  byPath.set(path, one);
}
