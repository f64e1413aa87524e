import type { DebugChange } from '../../emulation/change.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import type { Host } from '../../emulation/host/host.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import type { RowSet, SetTest, TableBinding } from '../../mib/module.ts';
import type { SetTransaction } from '../set-transaction.ts';
import { truth } from './convert.ts';
import { deviceRows, type KernelRow } from './device-tables.ts';
import { NO_ROW, refused, testChange } from './set.ts';

const KERNEL = { absent: 1, running: 2, hung: 3, panicked: 4, dumping: 5, rebooting: 6 } as const;
/** A TestAndIncr is below this. */
const MODULUS = 2 ** 31;
const ACTION = { none: 1, nmi: 2 } as const;

/** lvsDebugTable: the kernels of active guests, and what a manager can do to them. */
export function debugTable(host: Host, transaction: SetTransaction): TableBinding<KernelRow> {
  const serials = new Serials();
  return {
    rows: deviceRows(host, ({ kernel }) => kernel),
    columns: {
      lvsDebugKernel: ({ device }) => KERNEL[device.state],
      lvsDebugSysRqMask: ({ device }) => device.config.sysrq,
      lvsDebugKdump: ({ device }) => truth(device.config.kdump),
      lvsDebugSerial: ({ domain }) => serials.of(domain),
      lvsDebugAction: () => ACTION.none,
      lvsDebugSysRq: () => '',
      lvsDebugWaiting: ({ device }) => device.queue.length,
      lvsDebugNmis: ({ device }) => device.nmiInjections,
      lvsDebugSysRqs: ({ device }) => device.sysrqHandled,
    },
    testSet: (request) => testSet(transaction, serials, request),
  };
}

/** The advisory locks of guests (TestAndIncr, RFC 2579 section 2); each begins with a number of its UUID. */
class Serials {
  readonly #steps = new WeakMap<Domain, number>();

  of(domain: Domain): number {
    const { uuidOctets } = domain;
    const first = new DataView(uuidOctets.buffer, uuidOctets.byteOffset).getUint32(0);
    return (first + (this.#steps.get(domain) ?? 0)) % MODULUS;
  }

  step(domain: Domain, by: 1 | -1): void {
    this.#steps.set(domain, (this.#steps.get(domain) ?? 0) + by);
  }
}

function testSet(transaction: SetTransaction, serials: Serials, request: RowSet<KernelRow>): SetTest {
  const { row, values } = request;
  if (!row) return NO_ROW;
  const { domain } = row;
  const serial = values.get('lvsDebugSerial');
  if (serial !== undefined && serial !== serials.of(domain))
    return refused(ERROR_STATUS.inconsistentValue, 'lvsDebugSerial');
  const test = testAction(transaction, row, values);
  if (serial === undefined || 'refused' in test) return test;
  return {
    ...test,
    commit() {
      test.commit();
      serials.step(domain, 1);
    },
    undo() {
      serials.step(domain, -1);
      test.undo();
    },
  };
}

function testAction(
  transaction: SetTransaction,
  { domain }: KernelRow,
  values: RowSet<KernelRow>['values'],
): SetTest {
  const action = values.get('lvsDebugAction');
  const key = values.get('lvsDebugSysRq') as Uint8Array | undefined;
  // Both at once would leave it open which comes first.
  if (action !== undefined && key !== undefined && action !== ACTION.none && key.length > 0)
    return refused(ERROR_STATUS.inconsistentValue, 'lvsDebugSysRq');
  const debug = (what: DebugChange['action'], column: string) =>
    testChange(transaction, { op: 'debug', domain, action: what }, column);
  if (action === ACTION.nmi) return debug('nmi', 'lvsDebugAction');
  if (key === undefined || key.length === 0) return nothing;
  const sysrq = Buffer.from(key).toString('latin1');
  if (!/^[a-z0-9]$/.test(sysrq)) return refused(ERROR_STATUS.wrongValue, 'lvsDebugSysRq');
  return debug({ sysrq }, 'lvsDebugSysRq');
}

const nothing: SetTest = { commit: () => {}, undo: () => {} };
