import type { Domain } from '../domain/domain.ts';
import type { Host } from '../host/host.ts';

/** A fault that is in effect on one target. */
export interface ActiveFault {
  /** 1 for the first fault of the simulation, then ascending; never used again. */
  readonly id: number;
  /** Name of the rule that it comes from. */
  readonly rule: string;
  /** What is wrong, such as `disk-full`. */
  readonly kind: string;
  readonly host: Host;
  /** Absent when it is the host that has it. */
  readonly domain?: Domain;
  /** Simulated ms when it began. */
  readonly begunMs: number;
}

/** A fault without what only its engine needs of it. */
export function plainFault({ id, rule, kind, host, domain, begunMs }: ActiveFault): ActiveFault {
  return { id, rule, kind, host, ...(domain ? { domain } : {}), begunMs };
}
