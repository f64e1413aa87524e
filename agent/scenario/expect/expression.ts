import { timeSpanMs } from '../../config/time-span.ts';
import type { TableDefinition } from '../../mib/definition.ts';
import { type Oid, parseOid } from '../../util/oid.ts';
import { labelsOf, type NamedObject, NameError, objectAt, objectNamed } from '../mib-names.ts';
import { adviceOn } from '../shape.ts';
import { ComparisonError, type Condition, parseComparison } from './comparison.ts';

/** What of several instances counts. */
export const AGGREGATES = ['sum', 'min', 'max', 'avg', 'count'] as const;
/** One of {@link AGGREGATES}. */
export type Aggregate = (typeof AGGREGATES)[number];

/** Something that a row must have: an index object or a column of the same table with this value. */
export interface RowLabel {
  /** Name of the object; `guest` for the guest's name or UUID, however the table has it. */
  readonly object: string;
  readonly value: string;
}

/** Instances of one object. */
export interface Selector {
  readonly object: NamedObject;
  /** The simulated host whose agent is asked; the first when absent. */
  readonly host: string | undefined;
  readonly labels: readonly RowLabel[];
  /** The very instance, when it is written out. */
  readonly index: Oid | undefined;
}

/** A value of SNMP objects, and what it is held against. */
export interface Expression {
  readonly text: string;
  readonly selector: Selector;
  readonly aggregate: Aggregate | undefined;
  /** Simulated ms over which the change is looked at; absent for the value itself. */
  readonly windowMs: number | undefined;
  /** The change for each second, or the whole of it. */
  readonly change: 'rate' | 'increase' | undefined;
  readonly condition: Condition;
}

const NUMERIC = new Set(['Integer32', 'Unsigned32', 'Gauge32', 'Counter32', 'Counter64', 'TimeTicks']);
const CALL = /^(sum|min|max|avg|count|rate|increase)\s*\((.*)\)$/s;

/**
 * Reads `NAME{label=value, ...} OPERATOR value`, with `rate(..., SPAN)` or `increase(..., SPAN)` and one of
 * {@link AGGREGATES} around the name.
 *
 * Throws {@link ComparisonError} or {@link NameError}: what is wrong, and what would be right.
 */
export function parseExpression(text: string): Expression {
  const { left, condition } = parseComparison(text);
  const outer = CALL.exec(left);
  const aggregate = AGGREGATES.find((name) => name === outer?.[1]);
  const rest = aggregate ? outer![2]!.trim() : left;
  const call = CALL.exec(rest);
  const change = (['rate', 'increase'] as const).find((name) => name === call?.[1]);
  if (call && !change)
    throw new ComparisonError(`${call[1]} inside of ${aggregate ?? call[1]}; expected rate or increase`);
  const { inner, windowMs } = change ? windowOf(change, call![2]!) : { inner: rest, windowMs: undefined };
  const selector = parseSelector(inner);
  const expression = { text, selector, aggregate, change, windowMs, condition };
  checkValue(expression);
  return expression;
}

function windowOf(change: string, text: string): { inner: string; windowMs: number } {
  const comma = text.lastIndexOf(',');
  const windowMs = comma < 0 ? undefined : timeSpanMs(text.slice(comma + 1).trim());
  if (windowMs === undefined || windowMs === 0 || text.slice(comma).includes('}'))
    throw new ComparisonError(
      `${change}(${text}) does not say over which time; expected "${change}(NAME{...}, 30 s)"`,
    );
  return { inner: text.slice(0, comma).trim(), windowMs };
}

function parseSelector(text: string): Selector {
  const match = /^([A-Za-z][A-Za-z0-9-]*|[\d.]+\d)(?:\s*\{(.*)\}|((?:\.\d+)+))?$/s.exec(text);
  if (!match)
    throw new ComparisonError(
      `${JSON.stringify(text)} is no object; expected NAME, NAME{label=value, ...}, NAME.INDEX or an OID`,
    );
  const [, name, labels, index] = match as unknown as [
    string,
    string,
    string | undefined,
    string | undefined,
  ];
  const at = /^\d/.test(name) ? parseOid(name) : undefined;
  if (/^\d/.test(name)) return atOid(name, at, labels);
  const object = objectNamed(name);
  refuseUnreadable(object);
  const read = labels === undefined ? [] : readLabels(object, labels);
  return {
    object,
    host: read.find((label) => label.object === 'host')?.value,
    labels: read.filter((label) => label.object !== 'host'),
    index: index === undefined ? undefined : index.slice(1).split('.').map(Number),
  };
}

function atOid(text: string, oid: Oid | undefined, labels: string | undefined): Selector {
  const found = oid && objectAt(oid);
  if (!found)
    throw new NameError(`${text} is no instance of an object that is served; expected an OID with its index`);
  if (labels !== undefined) throw new ComparisonError(`${text} is an instance already; expected no labels`);
  refuseUnreadable(found.object);
  return { object: found.object, host: undefined, labels: [], index: found.index };
}

function refuseUnreadable({ name, definition }: NamedObject): void {
  if (definition.access === 'not-accessible' || definition.access === 'accessible-for-notify')
    throw new NameError(`${name} cannot be read: it is ${definition.access}; expected an object that can`);
}

function readLabels({ name, table }: NamedObject, text: string): RowLabel[] {
  const known = new Map<string, string>([['host', 'host']]);
  if (table) {
    const names = [...table.index.map((index) => index.name), ...Object.keys(table.columns)];
    for (const column of names)
      for (const label of labelsOf(table, column)) known.set(label, known.get(label) ?? column);
    if (names.some((column) => column === 'libvirtGuestUUID' || column.endsWith('GuestName')))
      known.set('guest', 'guest');
  }
  const labels: RowLabel[] = [];
  for (const part of splitLabels(text)) {
    const match = /^\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(.*?)\s*$/s.exec(part);
    if (!match) throw new ComparisonError(`${JSON.stringify(part)} is no label; expected label=value`);
    const [, label, value] = match as unknown as [string, string, string];
    const object = known.get(label);
    if (object === undefined) {
      throw new NameError(`${label} is no label of ${name}; ${adviceOn(label, Array.from(known.keys()))}`);
    }
    const wanted = value.replace(/^(["'])(.*)\1$/s, '$2');
    if (table) checkLabel(table, object, wanted);
    labels.push({ object, value: wanted });
  }
  return labels;
}

/** An enumerated number has one of its names. */
function checkLabel({ index, columns }: TableDefinition, object: string, value: string): void {
  const syntax = columns[object]?.syntax ?? index.find(({ name }) => name === object)?.syntax;
  if (!syntax?.enums || value in syntax.enums || /^-?\d+$/.test(value)) return;
  throw new NameError(
    `${JSON.stringify(value)} is no value of ${object}; ${adviceOn(value, Object.keys(syntax.enums))}`,
  );
}

/** Commas in quotes part nothing. */
function splitLabels(text: string): string[] {
  return text.match(/(?:"[^"]*"|'[^']*'|[^,])+/g) ?? [];
}

/** A condition that no value of the object could satisfy is a mistake. */
function checkValue({ selector, aggregate, change, condition, text }: Expression): void {
  const { name, definition } = selector.object;
  const { base, enums } = definition.syntax;
  const isNumber = NUMERIC.has(base) && !enums;
  const computed = change !== undefined || (aggregate !== undefined && aggregate !== 'count');
  if (computed && !isNumber)
    throw new ComparisonError(`${name} is no number; expected an object that is one in ${text}`);
  const { operator, operand } = condition;
  if (aggregate === 'count' || computed || isNumber) {
    if (typeof operand === 'string' && !Number.isFinite(Number(operand)))
      throw new ComparisonError(`${JSON.stringify(operand)} is no value of ${name}; expected a number`);
    return;
  }
  if (operator !== '==' && operator !== '!=' && operator !== 'matches' && !enums)
    throw new ComparisonError(`${name} is text, and has no order; expected ==, != or matches`);
  if (enums && typeof operand === 'string' && !(operand in enums) && !/^-?\d+$/.test(operand)) {
    throw new ComparisonError(
      `${JSON.stringify(operand)} is no value of ${name}; ${adviceOn(operand, Object.keys(enums))}`,
    );
  }
}
