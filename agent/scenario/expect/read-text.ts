import { z } from 'zod';

/** Text that a reader makes something of; what it throws is what is wrong. */
export function readText<T>(read: (text: string) => T, error: string) {
  return z.string({ error }).transform((text, context): T => {
    try {
      return read(text);
    } catch (thrown) {
      if (!(thrown instanceof Error)) throw thrown;
      context.issues.push({ code: 'custom', message: thrown.message, input: text, params: { whole: true } });
      return z.NEVER;
    }
  });
}
