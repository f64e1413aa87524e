/** A clock that is never set, and what happens later by it: the machine's own, or one that a test steps. */
export interface Timers {
  /** Ms since some moment. */
  nowMs(): number;
  /** Has `run` called after so many ms. What is returned takes it back, and does nothing once it has run. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's time. */
export const realTimers: Timers = {
  nowMs: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
