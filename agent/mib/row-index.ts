import type { Oid } from '../util/oid.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Octets that a name has as SnmpAdminString (RFC 3411 section 5: UTF-8). */
export function octetLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** The index part of a name: its length, then its octets (RFC 2578 section 7.7). */
export function nameIndex(text: string): number[] {
  const octets = encoder.encode(text);
  return [octets.length, ...octets];
}

/** The index part of a name that the INDEX clause calls IMPLIED: its octets alone (RFC 2578 section 7.7). */
export function impliedNameIndex(text: string): number[] {
  return Array.from(encoder.encode(text));
}

/** The index part of an object identifier: its length, then its sub-identifiers (RFC 2578 section 7.7). */
export function oidIndex(oid: Oid): number[] {
  return [oid.length, ...oid];
}

/**
 * Takes an index apart from left to right (RFC 2578 section 7.7).
 *
 * Each part is `undefined` when the index does not hold it, and so is every part behind it.
 */
export class IndexReader {
  readonly #index: Oid;
  #at = 0;
  #broken = false;

  constructor(index: Oid) {
    this.#index = index;
  }

  /** Whether the parts read were all there, and nothing is left. */
  get ended(): boolean {
    return !this.#broken && this.#at === this.#index.length;
  }

  number(): number | undefined {
    const [part] = this.#take(1) ?? [];
    return part;
  }

  /** `min` to `max` octets. */
  octets(min: number, max: number): Uint8Array | undefined {
    const octets = this.#counted();
    if (!octets || octets.length < min || octets.length > max || octets.some((octet) => octet > 255)) {
      return this.#breaks();
    }
    return Uint8Array.from(octets);
  }

  /** A name of `min` to `max` octets that is UTF-8. */
  name(min: number, max: number): string | undefined {
    const octets = this.octets(min, max);
    return octets && this.#text(octets);
  }

  oid(): Oid | undefined {
    return this.#counted();
  }

  /** All that is left as a name of `min` to `max` octets, as IMPLIED has it. */
  impliedName(min: number, max: number): string | undefined {
    const octets = this.#take(this.#index.length - this.#at);
    if (!octets || octets.length < min || octets.length > max || octets.some((octet) => octet > 255)) {
      return this.#breaks();
    }
    return this.#text(Uint8Array.from(octets));
  }

  /** All that is left as an object identifier, as IMPLIED has it. */
  impliedOid(): Oid | undefined {
    return this.#take(this.#index.length - this.#at);
  }

  #text(octets: Uint8Array): string | undefined {
    try {
      return decoder.decode(octets);
    } catch {
      return this.#breaks();
    }
  }

  #counted(): Oid | undefined {
    const length = this.number();
    return length === undefined ? undefined : this.#take(length);
  }

  #take(count: number): Oid | undefined {
    if (this.#broken || this.#at + count > this.#index.length) return this.#breaks();
    this.#at += count;
    return this.#index.slice(this.#at - count, this.#at);
  }

  #breaks(): undefined {
    this.#broken = true;
    return undefined;
  }
}
