/** Signs between two values, longest first so that none hides another. */
const SIGNS = ['==', '!=', '<=', '>=', '<', '>'] as const;
/** Every way to compare, as it is written. */
export const OPERATORS = [...SIGNS, 'matches', 'between'] as const;
/** One of {@link OPERATORS}. */
export type Operator = (typeof OPERATORS)[number];

/** What a value is held against. */
export type Condition =
  | { readonly operator: '==' | '!='; readonly operand: string }
  | { readonly operator: '<' | '<=' | '>' | '>='; readonly operand: number }
  | { readonly operator: 'matches'; readonly operand: RegExp }
  | { readonly operator: 'between'; readonly operand: readonly [least: number, most: number] };

/** A comparison taken apart: what is compared, as text, and what it is held against. */
export interface Comparison {
  readonly text: string;
  readonly left: string;
  readonly condition: Condition;
}

/** A comparison that cannot be read. */
export class ComparisonError extends Error {}

/** What a comparison looks like, for messages. */
export const COMPARISON = `a comparison such as "NAME == value", by one of ${OPERATORS.join(', ')}`;

/**
 * Reads `LEFT OPERATOR RIGHT`. The first operator outside of braces, brackets, parentheses and quotes counts.
 * A value is text, in quotes where it has blanks around it; `between` takes `LEAST and MOST`.
 *
 * Throws {@link ComparisonError} with what is wrong and what would be right.
 */
export function parseComparison(text: string): Comparison {
  const found = findOperator(text);
  if (!found) throw new ComparisonError(`${JSON.stringify(text)} compares nothing; expected ${COMPARISON}`);
  const left = text.slice(0, found.at).trim();
  const right = text.slice(found.at + found.operator.length).trim();
  if (left === '')
    throw new ComparisonError(`nothing stands before ${found.operator}; expected ${COMPARISON}`);
  if (right === '') throw new ComparisonError(`nothing stands behind ${found.operator}; expected a value`);
  return { text, left, condition: conditionOf(found.operator, right) };
}

/** Whether a value satisfies the condition. Numbers are compared as numbers, all else as text. */
export function satisfies(value: number | bigint | string | boolean, condition: Condition): boolean {
  switch (condition.operator) {
    case '==':
      return isSame(value, condition.operand);
    case '!=':
      return !isSame(value, condition.operand);
    case 'matches':
      return condition.operand.test(String(value));
    case 'between': {
      const number = numeric(value);
      return number !== undefined && number >= condition.operand[0] && number <= condition.operand[1];
    }
    default: {
      const number = numeric(value);
      return number !== undefined && inOrder(number, condition.operator, condition.operand);
    }
  }
}

/** {@link satisfies} for a value that has a name and a number: either will do, and of neither is it another. */
export function satisfiesEither(
  values: readonly (number | bigint | string | boolean)[],
  condition: Condition,
): boolean {
  const fits = (value: number | bigint | string | boolean) => satisfies(value, condition);
  return condition.operator === '!=' ? values.every(fits) : values.some(fits);
}

/** The condition as it is written. */
export function conditionText({ operator, operand }: Condition): string {
  if (operand instanceof RegExp) return `${operator} ${operand.source}`;
  return `${operator} ${Array.isArray(operand) ? operand.join(' and ') : String(operand)}`;
}

function findOperator(text: string): { at: number; operator: Operator } | undefined {
  let depth = 0;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if ('{[('.includes(char)) depth++;
    else if ('}])'.includes(char)) depth--;
    else if (depth === 0) {
      const operator = operatorAt(text, at);
      if (operator) return { at, operator };
    }
  }
  return undefined;
}

function operatorAt(text: string, at: number): Operator | undefined {
  const sign = SIGNS.find((each) => text.startsWith(each, at));
  if (sign) return sign;
  if (!/\s/.test(text[at - 1] ?? '')) return undefined;
  return (['matches', 'between'] as const).find(
    (word) => text.startsWith(word, at) && /^(\s|$)/.test(text.slice(at + word.length)),
  );
}

function conditionOf(operator: Operator, right: string): Condition {
  switch (operator) {
    case '==':
    case '!=':
      return { operator, operand: unquoted(right) };
    case 'matches':
      try {
        return { operator, operand: new RegExp(unquoted(right), 'u') };
      } catch {
        throw new ComparisonError(`${JSON.stringify(right)} is no regular expression`);
      }
    case 'between': {
      const bounds = /^(\S+)\s+and\s+(\S+)$/.exec(right);
      if (!bounds) throw new ComparisonError(`between ${right}; expected "between LEAST and MOST"`);
      const [least, most] = [numberOf(bounds[1]!), numberOf(bounds[2]!)];
      if (least > most) throw new ComparisonError(`between ${least} and ${most}; expected the least first`);
      return { operator, operand: [least, most] };
    }
    default:
      return { operator, operand: numberOf(right) };
  }
}

function numberOf(text: string): number {
  const value = numeric(text);
  if (value === undefined)
    throw new ComparisonError(`${JSON.stringify(text)} is not accepted, expected a number`);
  return value;
}

function unquoted(text: string): string {
  const quoted = /^(["'])(.*)\1$/s.exec(text);
  return quoted ? quoted[2]! : text;
}

function isSame(value: number | bigint | string | boolean, operand: string): boolean {
  if (String(value) === operand) return true;
  if (typeof value === 'string' || typeof value === 'boolean') return false;
  return numeric(operand) === Number(value);
}

function numeric(value: number | bigint | string | boolean): number | undefined {
  if (typeof value === 'boolean') return undefined;
  if (typeof value === 'string' && !/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(value)) return undefined;
  return Number(value);
}

function inOrder(value: number, operator: '<' | '<=' | '>' | '>=', operand: number): boolean {
  if (operator === '<') return value < operand;
  if (operator === '<=') return value <= operand;
  return operator === '>' ? value > operand : value >= operand;
}
