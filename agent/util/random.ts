const TWO_32 = 0x1_0000_0000;
const TWO_53 = 0x20_0000_0000_0000;

/** Mixes one 32-bit word so that each bit of it moves about half of the bits of the result. */
function scramble(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return h ^ (h >>> 15);
}

function mix(low: number, high: number, index: number): number {
  const a = scramble(low ^ Math.imul(index, 0x9e3779b1));
  return scramble((a + high + Math.imul(index ^ 0x6a09e667, 0x85ebca6b)) | 0) >>> 0;
}

/**
 * The key of a named stream: 53 bits that depend on the seed and on each name.
 *
 * The names' lengths count too, so that ('a', 'bc') and ('ab', 'c') are different streams.
 */
export function streamKey(seed: number, ...names: readonly (string | number)[]): number {
  let low = scramble((seed >>> 0) ^ 0x5bd1e995);
  let high = scramble((Math.floor(seed / TWO_32) | 0) ^ 0x1b873593 ^ low);
  for (const name of names) {
    const text = String(name);
    low = scramble(low ^ text.length);
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      low = Math.imul(low ^ unit, 0x01000193) + 0x7f4a7c15;
      high = scramble(high ^ (unit + (low >>> 7)));
    }
    low = scramble(low ^ high);
  }
  return (high & 0x1f_ffff) * TWO_32 + (low >>> 0);
}

/**
 * A number in [0, 1) that depends on the key and the index alone.
 *
 * For values per tick: nothing is stored, nothing has to be drawn in order. Key: see {@link streamKey};
 * index: an integer, of which the low 32 bits count. 32 bits of resolution.
 */
export function noise(key: number, index: number): number {
  return wordNoise(lowWord(key), highWord(key), index);
}

/** The same as {@link noise} for a key that was taken apart before: in loops over many keys. */
export function wordNoise(low: number, high: number, index: number): number {
  return mix(low, high, index | 0) / TWO_32;
}

/** The low 32 bits of a key, as a signed number. */
export function lowWord(key: number): number {
  return key | 0;
}

/** The bits of a key above the low 32, as a signed number. */
export function highWord(key: number): number {
  return Math.floor(key / TWO_32) | 0;
}

/**
 * A stream of random numbers with a name of its own.
 *
 * Streams never influence each other: what one guest draws does not change what another gets.
 */
export class RandomStream {
  readonly #key: number;
  /** How many numbers were drawn; setting it back makes the stream repeat itself. */
  position = 0;

  /** `names` tell the streams of one seed apart, such as ('domain', uuid, 'lifecycle'). */
  constructor(seed: number, ...names: readonly (string | number)[]) {
    this.#key = streamKey(seed, ...names);
  }

  /** The next number in [0, 1), with 53 bits of resolution. */
  next(): number {
    const index = this.position++;
    const low = mix(lowWord(this.#key), highWord(this.#key), index | 0);
    const high = mix(
      low ^ 0x3c6ef372,
      Math.floor(this.#key / TWO_32) ^ Math.floor(index / TWO_32),
      index | 0,
    );
    return ((high & 0x1f_ffff) * TWO_32 + low) / TWO_53;
  }

  /** The next integer between `min` and `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** The next exponentially distributed number (>= 0) with this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** The next normally distributed number with mean 0 and standard deviation 1. */
  normal(): number {
    const radius = Math.sqrt(this.exponential(2));
    return radius * Math.cos(2 * Math.PI * this.next());
  }
}
