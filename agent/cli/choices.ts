import { type Argument, InvalidArgumentError, type Option } from 'commander';
import { nearest } from '../config/nearest.ts';

/** Has an option or argument take one of some names alone: help and completion tell them, and a refusal the nearest. */
export function oneOf<T extends Argument | Option>(taker: T, names: readonly string[]): T {
  taker.choices(names);
  taker.argParser((text: string) => checked(text, names));
  return taker;
}

/** The same for several names with commas between. */
export function someOf<T extends Argument | Option>(taker: T, names: readonly string[]): T {
  taker.choices(names);
  taker.argParser((text: string) =>
    text
      .split(',')
      .map((part) => checked(part, names))
      .join(','),
  );
  return taker;
}

function checked(text: string, names: readonly string[]): string {
  if (names.includes(text)) return text;
  const like = nearest(text, names);
  throw new InvalidArgumentError(like ? `Did you mean ${like}?` : `It is one of ${names.join(', ')}.`);
}
