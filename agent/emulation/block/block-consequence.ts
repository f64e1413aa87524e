import type { ErrorPolicy } from './block-config.ts';

/** virDomainEventIOErrorAction, with libvirt's numbers. */
export const IO_ERROR_ACTION = { none: 0, pause: 1, report: 2 } as const;
/** A name of {@link IO_ERROR_ACTION}. */
export type IoErrorAction = keyof typeof IO_ERROR_ACTION;

/** What failed a request: the device, or a pool without space. */
export type DiskErrno = 'EIO' | 'ENOSPC';

/** The way of a request that can fail. */
export type Direction = 'read' | 'write';

/** Requests of a disk failed. One for each disk and direction and tick. `guest` is the hypervisor's number. */
export interface IoError {
  readonly kind: 'io-error';
  readonly guest: number;
  /** The source of the disk. */
  readonly source: string;
  readonly alias: string;
  readonly direction: Direction;
  readonly errno: DiskErrno;
  readonly action: IoErrorAction;
  /** Requests that failed; the event is raised once. */
  readonly count: number;
}

/** A disk's image grew past its threshold, which is then cleared: VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD. */
export interface ThresholdPassed {
  readonly kind: 'block-threshold';
  readonly guest: number;
  /** The disk's target. */
  readonly dev: string;
  readonly path: string;
  /** Bytes. */
  readonly threshold: number;
  /** Bytes above the threshold. */
  readonly excess: number;
}

/** What the disks of a guest want done: applied by the hypervisor at the end of the tick, never by the model. */
export type BlockConsequence = IoError | ThresholdPassed;

/** What an error policy does about an error (facts, section 11). */
export function policyAction(policy: ErrorPolicy, errno: DiskErrno): IoErrorAction {
  switch (policy) {
    case 'stop':
      return 'pause';
    case 'enospace':
      return errno === 'ENOSPC' ? 'pause' : 'report';
    case 'report':
      return 'report';
    case 'ignore':
      return 'none';
  }
}

/** One step of the chain that follows an I/O error: events, then perhaps the pause. */
export type IoErrorStep =
  | {
      readonly kind: 'event';
      readonly event: 'IO_ERROR';
      readonly source: string;
      readonly alias: string;
      readonly action: IoErrorAction;
    }
  | {
      readonly kind: 'event';
      readonly event: 'IO_ERROR_REASON';
      readonly source: string;
      readonly alias: string;
      readonly action: IoErrorAction;
      /** enospc, or empty for all other errors. */
      readonly reason: 'enospc' | '';
    }
  | {
      readonly kind: 'pause';
      readonly state: 'PAUSED/IOERROR';
      readonly event: 'SUSPENDED/IOERROR';
    };

/** The chain of one error in the order in which libvirt sends it: IO_ERROR, IO_ERROR_REASON, SUSPENDED. */
export function ioErrorChain(error: IoError): readonly IoErrorStep[] {
  const { source, alias, action } = error;
  const reason = error.errno === 'ENOSPC' ? 'enospc' : '';
  const steps: IoErrorStep[] = [
    { kind: 'event', event: 'IO_ERROR', source, alias, action },
    { kind: 'event', event: 'IO_ERROR_REASON', source, alias, action, reason },
  ];
  if (action === 'pause') steps.push({ kind: 'pause', state: 'PAUSED/IOERROR', event: 'SUSPENDED/IOERROR' });
  return steps;
}
