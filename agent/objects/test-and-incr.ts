import { ERROR_STATUS } from '../message/constants.ts';
import type { ScalarBinding, SetTest } from '../mib/module.ts';

const MAX_INTEGER = 2 ** 31 - 1;

/** Gives this many random octets. */
export type RandomOctets = (count: number) => Uint8Array;

/**
 * A scalar of type TestAndIncr: only its present value may be set, and it counts up (RFC 2579 section 2).
 *
 * Its value before a restart is not kept, so that it begins with a random one, 0 to 2^31-1, as the RFC asks then:
 * a manager that still knows a value must not take the lock with it.
 */
export function testAndIncr(randomOctets: RandomOctets): ScalarBinding {
  let present = new DataView(Uint8Array.from(randomOctets(4)).buffer).getUint32(0) & MAX_INTEGER;
  return {
    read: () => present,
    testSet(value): SetTest {
      if (value !== present) return { refused: ERROR_STATUS.inconsistentValue };
      const before = present;
      return {
        commit() {
          present = before === MAX_INTEGER ? 0 : before + 1;
        },
        undo() {
          present = before;
        },
      };
    },
  };
}
