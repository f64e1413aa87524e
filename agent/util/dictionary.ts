/**
 * A record to look up text from outside in: it has its own keys and nothing else, so that `__proto__` or
 * `constructor` is no more known to it than any other stray word.
 */
export function dictionary<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null), entries);
}
