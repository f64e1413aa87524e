import type { Writer } from '../../ber/writer.ts';
import type { Rows } from '../../mib/rows.ts';
import { lowerBound } from '../../util/lower-bound.ts';
import type { Interface } from './interface.ts';

/** Interfaces of one chunk at most. */
const CHUNK = 256;

/**
 * Interfaces ascending by ifIndex, as rows whose index is that.
 *
 * They are kept in chunks, so that one that comes or goes moves no more than a chunk. A position is good until the
 * next change: the chunk's number times {@link CHUNK}, and the place in it.
 */
export class InterfaceOrder implements Rows<Interface>, Iterable<Interface> {
  readonly #chunks: Interface[][] = [];
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  *[Symbol.iterator](): Iterator<Interface> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  add(one: Interface): void {
    this.#size++;
    const chunks = this.#chunks;
    const number = Math.min(this.#chunkOf(one.index), chunks.length - 1);
    const chunk = chunks[number];
    const place = chunk ? placeIn(chunk, one.index) : 0;
    if (!chunk || (place === CHUNK && number === chunks.length - 1)) {
      // Most that come are the highest.
      chunks.push([one]);
      return;
    }
    if (chunk.length < CHUNK) {
      chunk.splice(place, 0, one);
      return;
    }
    const upper = chunk.splice(CHUNK / 2);
    chunks.splice(number + 1, 0, upper);
    if (place <= CHUNK / 2) chunk.splice(place, 0, one);
    else upper.splice(place - CHUNK / 2, 0, one);
  }

  remove(one: Interface): void {
    const chunks = this.#chunks;
    const number = this.#chunkOf(one.index);
    const chunk = chunks[number];
    const place = chunk ? placeIn(chunk, one.index) : -1;
    if (!chunk || chunk[place] !== one) return;
    this.#size--;
    chunk.splice(place, 1);
    const next = chunks[number + 1];
    if (chunk.length === 0) chunks.splice(number, 1);
    else if (next && chunk.length + next.length <= CHUNK / 2) {
      chunk.push(...next);
      chunks.splice(number + 1, 1);
    }
  }

  /** The position of the first whose ifIndex is not below `index`; -1 when there is none. */
  notBelow(index: number): number {
    const number = this.#chunkOf(index);
    const chunk = this.#chunks[number];
    return chunk ? number * CHUNK + placeIn(chunk, index) : -1;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    if (to - from !== 1) return -1;
    const position = this.notBelow(ids[from]!);
    return position >= 0 && this.row(position).index === ids[from] ? position : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    return from === to ? this.first() : this.notBelow(ids[from]! + 1);
  }

  first(): number {
    return this.#size > 0 ? 0 : -1;
  }

  next(position: number): number {
    const number = Math.floor(position / CHUNK);
    if ((position % CHUNK) + 1 < this.#chunks[number]!.length) return position + 1;
    return number + 1 < this.#chunks.length ? (number + 1) * CHUNK : -1;
  }

  row(position: number): Interface {
    return this.#chunks[Math.floor(position / CHUNK)]![position % CHUNK]!;
  }

  appendIndex(position: number, writer: Writer): void {
    writer.appendSubid(this.row(position).index);
  }

  /** The number of the first chunk whose last ifIndex is not below `index`. */
  #chunkOf(index: number): number {
    const chunks = this.#chunks;
    return lowerBound(chunks.length, (place) => chunks[place]!.at(-1)!.index < index);
  }
}

/** The first place of a chunk whose ifIndex is not below `index`. */
function placeIn(chunk: readonly Interface[], index: number): number {
  return lowerBound(chunk.length, (place) => chunk[place]!.index < index);
}
