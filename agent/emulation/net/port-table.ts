/** Whole numbers that take part in a distribution: each port's own, and those before it added up. */
interface Column {
  /** What each port asks for in the coming distribution. */
  asked: Float64Array;
  /** The sum of what the ports before each one asked in the present distribution. */
  below: Float64Array;
}

/** By what a segment gives out: weights for frames from neighbours, wants for frames from outside. */
export const COLUMNS = ['weight', 'frames', 'bytes'] as const;
/** A name of {@link COLUMNS}. */
export type ColumnName = (typeof COLUMNS)[number];

/** A copy of a {@link PortTable}. */
export interface PortRecord {
  readonly columns: readonly Column[];
  readonly claimed: Float64Array;
  readonly free: readonly number[];
  readonly used: number;
}

/**
 * The ports of a segment, and what each asked for.
 *
 * A distribution is the ports laid end to end on a line, each as long as what it asks; the frames are points at
 * equal distances on it. So shares add up exactly, a small port gets its frames in the long run, and each port
 * finds its own at a cost that does not depend on how many there are, in any order.
 */
export class PortTable {
  #columns: Record<ColumnName, Column> = { weight: column(16), frames: column(16), bytes: column(16) };
  /** The distribution of which each port has taken its share. */
  #claimed = new Float64Array(16);
  #free: number[] = [];
  #used = 0;

  /** Number of ports that are plugged. */
  get count(): number {
    return this.#used - this.#free.length;
  }

  /** Makes a port; it takes no part in the distribution numbered `epoch`. */
  add(epoch: number): number {
    const port = this.#free.pop() ?? this.#used++;
    if (this.#used > this.#claimed.length) this.#grow(this.#claimed.length * 2);
    this.#claimed[port] = epoch;
    return port;
  }

  /** Gives a port up. */
  remove(port: number): void {
    this.ask(port, 0, 0, 0);
    this.#free.push(port);
  }

  /** Says what a port asks for in the coming distribution; whole numbers, 0 or more. */
  ask(port: number, weight: number, frames: number, bytes: number): void {
    const { weight: w, frames: f, bytes: b } = this.#columns;
    w.asked[port] = weight;
    f.asked[port] = frames;
    b.asked[port] = bytes;
  }

  /** Has each port ask for a part of the frames and octets that it has asked for: `share` is 0 to 1. */
  limit(share: (port: number) => number): void {
    const { frames, bytes } = this.#columns;
    for (let port = 0; port < this.#used; port++) {
      if (frames.asked[port] === 0) continue;
      const part = share(port);
      frames.asked[port] = Math.floor(frames.asked[port]! * part);
      bytes.asked[port] = Math.floor(bytes.asked[port]! * part);
    }
  }

  /** Begins a distribution: adds up what was asked in a column, which is then 0 for every port. */
  total(name: ColumnName): number {
    const { asked, below } = this.#columns[name];
    let sum = 0;
    for (let port = 0; port < this.#used; port++) {
      below[port] = sum;
      sum += asked[port]!;
    }
    below.fill(sum, this.#used);
    asked.fill(0, 0, this.#used);
    return sum;
  }

  /** Takes a port's part in distribution `epoch`; false when it took it before or came too late. */
  claim(port: number, epoch: number): boolean {
    if (this.#claimed[port] === epoch) return false;
    this.#claimed[port] = epoch;
    return true;
  }

  /** The first of `amount` points that is not before a port; `phase` in [0, 1) is where the points begin. */
  first(name: ColumnName, port: number, total: number, amount: number, phase: number): number {
    if (total === 0) return 0;
    const below = this.#columns[name].below[port]!;
    return amount === total ? below : Math.floor((below / total) * amount + phase);
  }

  /** A copy of everything, for {@link restore}. */
  snapshot(): PortRecord {
    return {
      columns: COLUMNS.map((name) => {
        const { asked, below } = this.#columns[name];
        return { asked: asked.slice(), below: below.slice() };
      }),
      claimed: this.#claimed.slice(),
      free: [...this.#free],
      used: this.#used,
    };
  }

  /** Puts everything back as it was. */
  restore(record: PortRecord): void {
    COLUMNS.forEach((name, i) => {
      const { asked, below } = record.columns[i]!;
      this.#columns[name] = { asked: asked.slice(), below: below.slice() };
    });
    this.#claimed = record.claimed.slice();
    this.#free = [...record.free];
    this.#used = record.used;
  }

  #grow(capacity: number): void {
    for (const name of COLUMNS) {
      const { asked, below } = this.#columns[name];
      const grown = column(capacity);
      grown.asked.set(asked);
      grown.below.set(below);
      // A new port has nothing of the present distribution, wherever it stands.
      grown.below.fill(below.at(-1)!, below.length);
      this.#columns[name] = grown;
    }
    const claimed = new Float64Array(capacity);
    claimed.set(this.#claimed);
    this.#claimed = claimed;
  }
}

/** One place more than ports: the end of the last one. */
function column(capacity: number): Column {
  return { asked: new Float64Array(capacity), below: new Float64Array(capacity + 1) };
}
