import { StoredFields } from '../../mib/stored-fields.ts';
import type { DurablePart } from '../durable-state.ts';

/** What managers may set of it. */
export interface ResourceLimits {
  /** mteResourceSampleMinimum, simulated seconds. */
  readonly minimum: number;
  /** mteResourceSampleInstanceMaximum, 0 for none. */
  readonly instances: number;
}

const MAX_INTEGER = 2 ** 31 - 1;
const MAX_UNSIGNED = 2 ** 32 - 1;
/** What is remembered of an instance takes about 150 octets, so that this is some 150 MB at most. */
const DEFAULT_LIMITS: ResourceLimits = { minimum: 1, instances: 1_000_000 };

/** How much triggers may sample, and do: the group mteResource, and what went wrong. */
export class TriggerResources implements DurablePart {
  limits = DEFAULT_LIMITS;
  /** mteTriggerFailures. */
  triggerFailures = 0;
  /** mteEventFailures. */
  eventFailures = 0;
  #instances = 0;
  #high = 0;
  #lacks = 0;

  /** mteResourceSampleInstances. */
  get instances(): number {
    return this.#instances;
  }

  /** mteResourceSampleInstancesHigh. */
  get high(): number {
    return this.#high;
  }

  /** mteResourceSampleInstanceLacks. */
  get lacks(): number {
    return this.#lacks;
  }

  /** Whether one more instance may be watched; it counts from then on until {@link release}. */
  take(): boolean {
    const { instances } = this.limits;
    if (instances > 0 && this.#instances >= instances) {
      this.#lacks++;
      return false;
    }
    this.#instances++;
    if (this.#instances > this.#high) this.#high = this.#instances;
    return true;
  }

  /** Says that so many instances are watched no longer. */
  release(count: number): void {
    this.#instances -= count;
  }

  /** The limits as plain JSON. */
  snapshot(): unknown {
    return this.limits;
  }

  /** Puts back what {@link snapshot} gave. Throws STATE_FAILED, with nothing changed, when it is not that. */
  restore(stored: unknown): void {
    const fields = new StoredFields(stored, 'the stored limits of triggers');
    this.limits = {
      minimum: fields.integer('minimum', 1, MAX_INTEGER),
      instances: fields.integer('instances', 0, MAX_UNSIGNED),
    };
  }
}
