import { VirtsnmpError } from '../../util/errors.ts';
import type { FaultChange } from '../change.ts';
import type { Core } from '../core.ts';
import { type Plan, refuseGone } from '../domain/definitions.ts';
import { beginFault, faultRefusal } from './begin-fault.ts';
import { endFault } from './end-fault.ts';
import { faultKindInfo } from './fault-kind.ts';

/** Plans {@link FaultChange}. Throws OPERATION_INVALID for what the target cannot have, or is not there to clear. */
export function planFault(core: Core, { action }: FaultChange): Plan {
  if ('clear' in action) {
    const record = core.faults.get(action.clear);
    if (!record) {
      const known = core.faults.all.map(({ id }) => id).join(', ') || 'none';
      throw new VirtsnmpError(
        'OPERATION_INVALID',
        `there is no fault ${action.clear} to clear; active: ${known}`,
      );
    }
    if (faultKindInfo(record.kind).ends === 'up')
      throw new VirtsnmpError(
        'OPERATION_INVALID',
        `fault ${record.id} (${record.kind}) ends by itself, when host ${record.host.name} is up again`,
      );
    return () => endFault(core, action.clear);
  }
  const { raise: kind, target, parameters = {}, durationMs } = action;
  if ('uuid' in target) refuseGone(target);
  if (durationMs !== undefined && !(durationMs > 0))
    throw new VirtsnmpError('OPERATION_INVALID', `a duration of ${durationMs} ms; it must be above 0`);
  const order = { rule: '', kind, parameters, target, ...(durationMs === undefined ? {} : { durationMs }) };
  const why = faultRefusal(order);
  if (why !== undefined)
    throw new VirtsnmpError('OPERATION_INVALID', `${target.name} cannot have the fault ${kind}: ${why}`);
  return () => void beginFault(core, order);
}
