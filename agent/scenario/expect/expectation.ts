import type { z } from 'zod';
import type { World } from '../world.ts';

/** What one look found. */
export interface Looked {
  readonly met: boolean;
  /** What was there, for people. */
  readonly seen: string;
  /** Simulated ms at which it came to be so, where that is known better than by looking. */
  readonly sinceMs?: number;
}

/** Looks at a simulation again and again. */
export interface Probe {
  look(world: World): Looked | Promise<Looked>;
}

/** Something that a scenario expects of a simulation, checked before it runs. */
export interface Expectation {
  readonly kind: string;
  /** What is expected, in a few words. */
  readonly text: string;
  /** Simulated ms before its own time from which on it has to be looked at. */
  readonly leadMs: number;
  /** The guests and the host that it names, for those who know which there are. */
  readonly names: { readonly guest?: string | undefined; readonly host?: string | undefined };
  /** Whether it is something that may last, rather than something that happens. */
  readonly lasts: boolean;
  /** Begins to look for it at an instant, in simulated ms since the start. */
  begin(fromMs: number): Probe;
}

/** One kind of expectation. */
export interface ExpectationKind<S extends z.ZodObject = z.ZodObject> {
  readonly about: string;
  readonly schema: S;
  readonly example: string;
  readonly build: (wanted: z.output<S>) => Expectation;
}

/** Fixes the schema's type for what is built from it. */
export function expectationKind<S extends z.ZodObject>(kind: ExpectationKind<S>): ExpectationKind {
  return kind as unknown as ExpectationKind;
}
