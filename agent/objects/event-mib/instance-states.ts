import type { Value } from '../../mib/value.ts';
import type { InstanceState } from './instance-state.ts';
import type { Crossing } from './tests.ts';

/** Where a value is kept: nowhere, or as what it is. */
const KIND = { none: 0, number: 1, bigint: 2, other: 3 } as const;
const KIND_MASK = 3;
/** Two bits from here on: 0 for neither, 1 for false or falling, 2 for true or rising. */
const HELD = 2;
const LEVEL = 4;
const DELTA_LEVEL = 6;
const FAILING = 0x100;
const LEVEL_BEFORE = 0x200;
const DELTA_LEVEL_BEFORE = 0x400;

const LEAST_ROOM = 16;
/** Octets that an index takes as a rule: a UUID has 16 sub-identifiers, half of which take two. */
const INDEX_ROOM = 24;

/**
 * What a trigger remembers of many instances, in the order of their names, each with the content octets of what follows
 * the object type in its name.
 *
 * Columns of octets and numbers instead of objects: of a million objects that stay, the engine's garbage collector would
 * have to copy each one, while requests wait for tens of milliseconds.
 */
export class InstanceStates {
  #count = 0;
  #octets = Buffer.alloc(0);
  /** Where the octets of each index end. */
  #ends = new Uint32Array(0);
  #flags = new Uint16Array(0);
  #numbers = new Float64Array(0);
  /** The same room. */
  #bigints = new BigUint64Array(0);
  /** Values that are neither numbers nor bigints; absent while there are none. */
  #others: Value[] | undefined;
  /** The sample and the difference before; absent while no threshold has tested one. */
  #levels: Float64Array | undefined;
  /** Absent while there are none. */
  #discontinuities: (Value | undefined)[] | undefined;

  get count(): number {
    return this.#count;
  }

  /**
   * Where the index at a place stands to that made of bytes[start..end): below 0 before it, 0 for the same, above 0 behind
   * it; above 0 where there is no such place.
   */
  compare(at: number, bytes: Uint8Array, start: number, end: number): number {
    if (at >= this.#count) return 1;
    const octets = this.#octets;
    const from = this.#start(at);
    const length = this.#ends[at]! - from;
    const shared = Math.min(length, end - start);
    for (let i = 0, subid = 0; i < shared; i++) {
      const own = octets[from + i]!;
      const other = bytes[start + i]!;
      if (own !== other) return subidAt(octets, from + subid) - subidAt(bytes, start + subid);
      if (own < 0x80) subid = i + 1;
    }
    return length - (end - start);
  }

  /** The octets of the index at a place, a character each. */
  index(at: number): string {
    return this.#octets.toString('latin1', this.#start(at), this.#ends[at]!);
  }

  /** Reads what is remembered at a place into `state`. */
  load(at: number, state: InstanceState): void {
    const flags = this.#flags[at]!;
    state.value = this.#value(at, flags & KIND_MASK);
    state.discontinuity = this.#discontinuities?.[at];
    const held = (flags >> HELD) & 3;
    state.held = held === 0 ? undefined : held === 2;
    state.failing = (flags & FAILING) !== 0;
    const levels = this.#levels;
    loadCrossing(state.level, levels, flags >> LEVEL, (flags & LEVEL_BEFORE) !== 0, 2 * at);
    loadCrossing(
      state.deltaLevel,
      levels,
      flags >> DELTA_LEVEL,
      (flags & DELTA_LEVEL_BEFORE) !== 0,
      2 * at + 1,
    );
  }

  /** Remembers `state` at a place that there is. */
  save(at: number, state: InstanceState): void {
    const { value, discontinuity, held, level, deltaLevel } = state;
    let flags: number = this.#saveValue(at, value);
    if (held !== undefined) flags |= (held ? 2 : 1) << HELD;
    if (state.failing) flags |= FAILING;
    if (discontinuity !== undefined) this.#discontinuities ??= [];
    if (this.#discontinuities) this.#discontinuities[at] = discontinuity;
    flags |= this.#saveCrossing(level, LEVEL, LEVEL_BEFORE, 2 * at);
    flags |= this.#saveCrossing(deltaLevel, DELTA_LEVEL, DELTA_LEVEL_BEFORE, 2 * at + 1);
    this.#flags[at] = flags;
  }

  /** Adds an instance behind the others, whose index is made of bytes[start..end). */
  push(bytes: Uint8Array, start: number, end: number, state: InstanceState): void {
    const at = this.#count;
    const from = at === 0 ? 0 : this.#ends[at - 1]!;
    this.#makeRoom(at + 1, from + end - start);
    this.#octets.set(bytes.subarray(start, end), from);
    this.#ends[at] = from + end - start;
    this.#count = at + 1;
    this.save(at, state);
  }

  /** The first so many of them, by themselves. */
  first(count: number): InstanceStates {
    const made = new InstanceStates();
    made.#makeRoom(this.#flags.length, this.#octets.length);
    made.#count = count;
    made.#octets.set(this.#octets.subarray(0, this.#start(count)));
    made.#ends.set(this.#ends.subarray(0, count));
    made.#flags.set(this.#flags.subarray(0, count));
    made.#numbers.set(this.#numbers.subarray(0, count));
    if (this.#levels) {
      made.#levels = new Float64Array(2 * made.#flags.length);
      made.#levels.set(this.#levels.subarray(0, 2 * count));
    }
    made.#others = this.#others?.slice(0, count);
    made.#discontinuities = this.#discontinuities?.slice(0, count);
    return made;
  }

  #start(at: number): number {
    return at === 0 ? 0 : this.#ends[at - 1]!;
  }

  #value(at: number, kind: number): Value | undefined {
    if (kind === KIND.number) return this.#numbers[at]!;
    if (kind === KIND.bigint) return this.#bigints[at]!;
    return kind === KIND.other ? this.#others![at] : undefined;
  }

  #saveValue(at: number, value: Value | undefined): number {
    if (typeof value === 'number') {
      this.#numbers[at] = value;
      return KIND.number;
    }
    if (typeof value === 'bigint') {
      this.#bigints[at] = value;
      return KIND.bigint;
    }
    if (value === undefined) return KIND.none;
    this.#others ??= [];
    this.#others[at] = value;
    return KIND.other;
  }

  #saveCrossing({ before, last }: Crossing, shift: number, present: number, at: number): number {
    let flags = last === undefined ? 0 : (last === 'rising' ? 2 : 1) << shift;
    if (before === undefined) return flags;
    flags |= present;
    this.#levels ??= new Float64Array(2 * this.#flags.length);
    this.#levels[at] = before;
    return flags;
  }

  #makeRoom(count: number, octets: number): void {
    const room = this.#flags.length;
    if (count > room) {
      const wanted = Math.max(LEAST_ROOM, 2 * room, count);
      this.#ends = grown(this.#ends, new Uint32Array(wanted));
      this.#flags = grown(this.#flags, new Uint16Array(wanted));
      this.#numbers = grown(this.#numbers, new Float64Array(wanted));
      this.#bigints = new BigUint64Array(this.#numbers.buffer);
      if (this.#levels) this.#levels = grown(this.#levels, new Float64Array(2 * wanted));
    }
    if (octets > this.#octets.length) {
      const wanted = Math.max(octets, 2 * this.#octets.length, LEAST_ROOM * INDEX_ROOM);
      this.#octets = grown(this.#octets, Buffer.alloc(wanted));
    }
  }
}

function loadCrossing(
  crossing: Crossing,
  levels: Float64Array | undefined,
  bits: number,
  isBegun: boolean,
  at: number,
): void {
  const last = bits & 3;
  crossing.last = last === 0 ? undefined : last === 2 ? 'rising' : 'falling';
  crossing.before = isBegun ? levels![at] : undefined;
}

/** The sub-identifier whose octets begin at a place (X.690 section 8.19.2). */
function subidAt(bytes: Uint8Array, at: number): number {
  let subid = 0;
  for (let i = at; ; i++) {
    const octet = bytes[i]!;
    subid = subid * 128 + (octet & 0x7f);
    if (octet < 0x80) return subid;
  }
}

function grown<A extends { set(values: A): void }>(old: A, room: A): A {
  room.set(old);
  return room;
}
