import type { Writer } from '../ber/writer.ts';
import type { Domain } from '../emulation/domain.ts';
import type { DomainList } from '../emulation/domain-list.ts';
import type { Rows } from '../mib/rows.ts';

const UUID_OCTETS = 16;

/** The domains of a host as rows that are indexed by the 16 octets of the UUID, without a length before them. */
export class DomainRows implements Rows<Domain> {
  readonly #domains: DomainList;

  constructor(domains: DomainList) {
    this.#domains = domains;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    return to - from === UUID_OCTETS ? this.#domains.find(ids, from) : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    return this.#domains.after(ids, from, to);
  }

  first(): number {
    return this.#domains.size > 0 ? 0 : -1;
  }

  next(position: number): number {
    return position + 1 < this.#domains.size ? position + 1 : -1;
  }

  row(position: number): Domain {
    return this.#domains.at(position);
  }

  appendIndex(position: number, writer: Writer): void {
    const octets = this.#domains.keys;
    const from = position * UUID_OCTETS;
    const { bytes } = writer;
    let end = writer.end;
    for (let i = from; i < from + UUID_OCTETS; i++) {
      const octet = octets[i]!;
      // Sub-identifiers of 128 to 255 take two octets (X.690 section 8.19.2). The first is written in any case and
      // kept only then: a branch on random octets would be mispredicted half of the time.
      bytes[end] = 0x81;
      end += octet >>> 7;
      bytes[end++] = octet & 0x7f;
    }
    writer.end = end;
  }
}
