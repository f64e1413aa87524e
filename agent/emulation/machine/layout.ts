/** How many numbers one part of a machine needs: a vCPU, a queue, a disk, or the guest as a whole. */
export interface PartShape {
  /** Things that only grow, and are read at any instant. */
  readonly counters: number;
  /** Everything else that a model remembers from one tick to the next. */
  readonly state: number;
}

/** Where the numbers of one part stand in the machine's array. */
export interface Part {
  /** Its first counter; what the counter grows by in this tick stands {@link Layout.counterCount} behind. */
  readonly counters: number;
  /** Its first state field. */
  readonly state: number;
}

/** When the present tick began for this machine, in simulated ms. */
export const SINCE_MS = 0;
/** How long what is planned lasts, in simulated ms; 0 while the machine stands still. */
export const SPAN_MS = 1;
const HEADER = 2;

/**
 * Where everything of a machine stands in one array of numbers: header, counters, growths, state.
 *
 * Counters come first and together, so that the end of a tick is one pass over neighbours.
 */
export class Layout {
  readonly counterCount: number;
  /** Length of the array. */
  readonly size: number;
  readonly parts: readonly Part[];

  constructor(shapes: readonly PartShape[]) {
    this.counterCount = shapes.reduce((sum, { counters }) => sum + counters, 0);
    let counters = HEADER;
    let state = HEADER + 2 * this.counterCount;
    this.parts = shapes.map((shape) => {
      const part = { counters, state };
      counters += shape.counters;
      state += shape.state;
      return part;
    });
    this.size = state;
  }

  /** Index of the first counter. */
  get firstCounter(): number {
    return HEADER;
  }
}

/** Numbers the names of a part's fields from 0: `const { RUN, WAIT } = fields('RUN', 'WAIT')`. */
export function fields<const N extends readonly string[]>(...names: N): Readonly<Record<N[number], number>> {
  return Object.fromEntries(names.map((name, i) => [name, i])) as Record<N[number], number>;
}
