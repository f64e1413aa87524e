import type { Change } from '../../emulation/change.ts';
import type { ErrorStatus } from '../../message/constants.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import type { SetTest } from '../../mib/module.ts';
import type { SetTransaction } from '../set-transaction.ts';

/** A change as a tested set; inconsistentValue, with the column to blame, when the simulation refuses it. */
export function testChange(transaction: SetTransaction, change: Change, column: string): SetTest {
  return transaction.prepare(change) ?? refused(ERROR_STATUS.inconsistentValue, column);
}

/** A refusal of one column. */
export function refused(status: ErrorStatus, column: string): SetTest {
  return { refused: status, column };
}

/** No row has the index, and none can be made by a manager (RFC 3416 section 4.2.5). */
export const NO_ROW: SetTest = { refused: ERROR_STATUS.noCreation };
