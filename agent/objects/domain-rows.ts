import { packWords, type Writer } from '../ber/writer.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { DomainList } from '../emulation/domain/domain-list.ts';
import type { Rows } from '../mib/rows.ts';

const UUID_OCTETS = 16;
/** Words for an index: 16 sub-identifiers of one or two octets, and how many octets they are. */
const INDEX_WORDS = 9;
const LENGTH = INDEX_WORDS - 1;

const scratch = new Uint8Array(2 * UUID_OCTETS);

/** The domains of a host as rows that are indexed by the 16 octets of the UUID, without a length before them. */
export class DomainRows implements Rows<Domain> {
  readonly #domains: DomainList;
  /** BER of each row's index, made when it is first asked for; its length is 0 until then. */
  #indexes = new Uint32Array(0);
  /** The list's state that #indexes is for. */
  #changes = -1;

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
    if (this.#changes !== this.#domains.changes) this.#forget();
    const words = this.#indexes;
    const at = position * INDEX_WORDS;
    if (words[at + LENGTH] === 0) this.#encode(position);
    writer.appendWords(words, at, words[at + LENGTH]!);
  }

  #forget(): void {
    const needed = this.#domains.size * INDEX_WORDS;
    if (this.#indexes.length < needed) this.#indexes = new Uint32Array(needed + (needed >>> 3));
    else this.#indexes.fill(0);
    this.#changes = this.#domains.changes;
  }

  #encode(position: number): void {
    let length = 0;
    for (const octet of this.#domains.at(position).uuidOctets) {
      // Sub-identifiers of 128 to 255 take two octets (X.690 section 8.19.2).
      if (octet >= 0x80) scratch[length++] = 0x81;
      scratch[length++] = octet & 0x7f;
    }
    const at = position * INDEX_WORDS;
    packWords(scratch.subarray(0, length), this.#indexes, at);
    this.#indexes[at + LENGTH] = length;
  }
}
