import { inspect } from 'node:util';

const REDACTED = '[secret]';

/**
 * Octets that must not be shown: a key.
 *
 * Printing, logging, inspecting and JSON all show a placeholder; only {@link Secret.reveal} gives the octets,
 * so that looking for that name finds every place where a secret leaves.
 */
export class Secret {
  readonly #octets: Buffer;
  /** Number of octets. */
  readonly length: number;

  /** Keeps a copy of `octets`. */
  constructor(octets: Uint8Array) {
    this.#octets = Buffer.from(octets);
    this.length = octets.length;
  }

  /** The octets themselves; not to be changed, printed or kept longer than the computation takes. */
  reveal(): Buffer {
    return this.#octets;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
