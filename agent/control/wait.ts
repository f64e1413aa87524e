/**
 * Resolves with true when `begin` says so, with false when `signal` ends the wait or it has taken `limitMs` real ms.
 * `begin` is given what to call, and returns what takes the wait back.
 */
export function waited(
  begin: (done: () => void) => () => void,
  signal: AbortSignal,
  limitMs: number,
): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (done: boolean): void => {
      clearTimeout(timeout);
      signal.removeEventListener('abort', give);
      cancel();
      resolve(done);
    };
    const give = (): void => end(false);
    const timeout = setTimeout(give, limitMs);
    timeout.unref();
    signal.addEventListener('abort', give, { once: true });
    const cancel = begin(() => end(true));
  });
}
