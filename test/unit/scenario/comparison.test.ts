import { describe, expect, it } from 'vitest';
import {
  type Comparison,
  parseComparison,
  satisfies,
  satisfiesEither,
} from '../../../agent/scenario/expect/comparison.ts';

const of = (text: string): Comparison['condition'] => parseComparison(text).condition;

describe('a comparison', () => {
  it.each([
    ['a == 1', 1, true],
    ['a == 1', '1', true],
    ['a == 1', 2, false],
    ['a == running', 'running', true],
    ['a == "two words"', 'two words', true],
    ['a != 1', 2, true],
    ['a != 1', 1, false],
    ['a < 3', 2.9, true],
    ['a < 3', 3, false],
    ['a <= 3', 3, true],
    ['a > 1e9', 1_000_000_001n, true],
    ['a > 1e9', 1_000_000_000n, false],
    ['a >= -2', -2, true],
    ['a > 1', 'running', false],
    ['a matches ^web-[0-9]+$', 'web-12', true],
    ['a matches ^web-[0-9]+$', 'app-12', false],
    ['a between 1 and 3', 3, true],
    ['a between 1 and 3', 3.1, false],
    ['a == true', true, true],
  ])('%s of %s: %s', (text, value, met) => {
    expect(satisfies(value, of(text))).toBe(met);
  });

  it('does not take an operator inside of brackets or quotes for its own', () => {
    expect(parseComparison('f(a{b="x < y"}, 1 s) >= 2').left).toBe('f(a{b="x < y"}, 1 s)');
  });

  it.each([
    ['lvsGuestState', /compares nothing; expected a comparison/],
    ['== 3', /nothing stands before ==/],
    ['a ==', /nothing stands behind ==/],
    ['a > much', /"much" is not accepted, expected a number/],
    ['a between 3 and 1', /expected the least first/],
    ['a between 3', /expected "between LEAST and MOST"/],
    ['a matches (', /no regular expression/],
  ])('refuses %s', (text, message) => {
    expect(() => parseComparison(text)).toThrow(message);
  });

  it('holds a value with a name and a number against both', () => {
    expect(satisfiesEither(['up', 1], of('a == up'))).toBe(true);
    expect(satisfiesEither(['up', 1], of('a == 1'))).toBe(true);
    expect(satisfiesEither(['up', 1], of('a != up'))).toBe(false);
    expect(satisfiesEither(['up', 1], of('a != 2'))).toBe(true);
  });
});
