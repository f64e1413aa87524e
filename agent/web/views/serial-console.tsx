import { useEffect, useRef, useState } from 'preact/hooks';
import { get, guestPath, type RefusedError } from '../api/request.ts';
import type { Guest } from '../api/types.ts';
import { usePolled } from '../state/polled.ts';

const LOOK_MS = 700;
/** Characters that are kept; a serial line has no end. */
const KEPT = 60_000;

interface Chunk {
  readonly text: string;
  readonly start: number;
  readonly next: number;
  readonly missed: number;
}

/** What a guest's serial line sends, as it comes. `startedMs` tells one run of its emulator from the next. */
export function SerialConsole({ guest, startedMs }: { readonly guest: Guest; readonly startedMs: number }) {
  const [text, setText] = useState('');
  const [refusal, setRefusal] = useState('');
  const next = useRef(0);
  const screen = useRef<HTMLPreElement>(null);
  useEffect(() => {
    next.current = 0;
    setText('');
  }, [startedMs]);
  usePolled(
    async (signal) => {
      const chunk = await get<Chunk>(`${guestPath(guest, '/console')}&from=${next.current}`);
      if (signal.aborted) return;
      next.current = chunk.next;
      setRefusal('');
      if (chunk.text !== '') setText((before) => (before + chunk.text).slice(-KEPT));
    },
    LOOK_MS,
    [guest.uuid, guest.host, startedMs],
    (error: RefusedError) => setRefusal(error.message),
  );
  // New lines are followed unless one has scrolled up to read.
  const wasAtEnd = useRef(true);
  useEffect(() => {
    const element = screen.current;
    if (element && wasAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [text]);
  return (
    <section aria-labelledby="console-heading">
      <h2 id="console-heading">Serial console</h2>
      {refusal !== '' ? (
        <p class="lead">{refusal}</p>
      ) : (
        <pre
          ref={screen}
          class="screen"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          role="log"
          aria-label={`Serial console of ${guest.name}`}
          aria-live="off"
          onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
            wasAtEnd.current = scrollTop + clientHeight > scrollHeight - 30;
          }}
        >
          {text === '' ? 'Nothing was sent yet.' : text.replaceAll('\r', '')}
        </pre>
      )}
    </section>
  );
}
