import { useEffect } from 'preact/hooks';
import { RefusedError } from '../api/request.ts';
import { tokenWanted } from '../api/token.ts';

/**
 * Calls `load` now, and again `everyMs` after each time that it ended, while the component is there and its tab is
 * looked at. Begins anew when one of `inputs` changes. What the API refuses goes to `refused`.
 */
export function usePolled(
  load: (signal: AbortSignal) => Promise<void>,
  everyMs: number,
  inputs: readonly unknown[],
  refused: (error: RefusedError) => void = () => {},
): void {
  useEffect(() => {
    const ended = new AbortController();
    let timer: number | undefined;
    const round = async () => {
      try {
        if (!document.hidden && !tokenWanted.value) await load(ended.signal);
      } catch (thrown) {
        if (!(thrown instanceof RefusedError)) throw thrown;
        if (!ended.signal.aborted) refused(thrown);
      }
      if (!ended.signal.aborted) timer = window.setTimeout(round, everyMs);
    };
    void round();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [...inputs, everyMs]);
}
