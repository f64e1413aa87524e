import { SingleBar } from 'cli-progress';

/** Tells how far something long has come. */
export interface Progress {
  /** `n` of the total are done. */
  at(n: number): void;
  /** It is over, done or not; nothing is told any more. */
  end(): void;
}

/** Lines in which something long is told to whoever is no terminal. */
const LINES = 10;

/**
 * Tells on standard error how far something has come: a bar on a terminal, which goes when it is over, and
 * otherwise ten lines at most. `total`: 1 or more; of nothing, nothing is told.
 */
export function progress(
  total: number,
  label: string,
  stream: NodeJS.WritableStream = process.stderr,
): Progress {
  if (total < 1) return { at: () => {}, end: () => {} };
  return 'isTTY' in stream && stream.isTTY ? bar(total, label, stream) : lines(total, label, stream);
}

function bar(total: number, label: string, stream: NodeJS.WritableStream): Progress {
  const one = new SingleBar({
    stream,
    format: `${label} {bar} {value}/{total}`,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    clearOnComplete: true,
    // Whoever interrupts the command ends it, and finds his terminal as it was.
    gracefulExit: false,
    linewrap: true,
  });
  one.start(total, 0);
  return { at: (n) => one.update(n), end: () => one.stop() };
}

function lines(total: number, label: string, stream: NodeJS.WritableStream): Progress {
  let told = 0;
  return {
    at(n) {
      const tenths = Math.floor((n * LINES) / total);
      if (tenths <= told) return;
      told = tenths;
      stream.write(`${label}: ${n} of ${total}\n`);
    },
    end: () => {},
  };
}
