/** How long a test waits for what must come, in ms: a busy machine takes its time, and only a failure takes it all. */
export const PATIENCE_MS = 120_000;
