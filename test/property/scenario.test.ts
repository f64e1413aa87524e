import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  ComparisonError,
  OPERATORS,
  parseComparison,
  satisfies,
} from '../../agent/scenario/expect/comparison.ts';
import { AGGREGATES, parseExpression } from '../../agent/scenario/expect/expression.ts';
import { NameError } from '../../agent/scenario/mib-names.ts';

/** Text made of what expressions are made of, in any order. */
const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...OPERATORS,
        ...AGGREGATES,
        'rate(',
        'increase(',
        ')',
        '{',
        '}',
        '=',
        ',',
        '.0',
        '30 s',
        ' ',
      ),
      fc.constantFrom(
        'lvsGuestState',
        'lvsQueueDropped',
        'guest',
        'direction',
        '1.3.6.1.2.1.1.5.0',
        '"',
        "'",
        '[',
        'and',
      ),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

it('any text is an expression, or refused with a reason', () => {
  fc.assert(
    fc.property(pieces, (text) => {
      try {
        parseExpression(text);
      } catch (thrown) {
        expect(thrown instanceof ComparisonError || thrown instanceof NameError, String(thrown)).toBe(true);
        expect((thrown as Error).message).not.toBe('');
      }
    }),
    { numRuns: 2000 },
  );
});

it('numbers are in the order that they have', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (a, b) => {
      const holds = (operator: string) => satisfies(a, parseComparison(`x ${operator} ${b}`).condition);
      expect([holds('<'), holds('<='), holds('=='), holds('!='), holds('>='), holds('>')]).toEqual([
        a < b,
        a <= b,
        a === b,
        a !== b,
        a >= b,
        a > b,
      ]);
    }),
  );
});
