import { VirtsnmpError } from '../../util/errors.ts';

/** Keys that one call of virDomainSendKey presses together at most (facts 6). */
const MAX_KEYS = 16;

const ALT = new Set(['KEY_LEFTALT', 'KEY_RIGHTALT']);

/**
 * The SysRq key in keys pressed together; `undefined` for none.
 *
 * Keys have the names of the codeset linux, as in KEY_LEFTALT KEY_SYSRQ KEY_H. Throws OPERATION_INVALID for none, or more than 16, keys.
 */
export function sysrqOf(keys: readonly string[]): string | undefined {
  if (keys.length === 0 || keys.length > MAX_KEYS) {
    const message = `${keys.length} keys at once; one call presses 1 to ${MAX_KEYS} keys`;
    throw new VirtsnmpError('OPERATION_INVALID', message);
  }
  if (!keys.includes('KEY_SYSRQ') || !keys.some((key) => ALT.has(key))) return undefined;
  const rest = keys.filter((key) => key !== 'KEY_SYSRQ' && !ALT.has(key));
  return rest.length === 1 ? /^KEY_([A-Z0-9])$/.exec(rest[0]!)?.[1]?.toLowerCase() : undefined;
}
