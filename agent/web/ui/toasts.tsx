import { putAway, toasts } from '../state/toasts.ts';

/** What is told in passing; read out by screen readers. */
export function Toasts() {
  return (
    <section class="toasts" aria-label="Messages" aria-live="polite">
      {toasts.value.map(({ number, kind, text }) => (
        <p key={number} class={`toast toast-${kind}`}>
          <span>
            <strong>{kind === 'done' ? 'Done' : 'Refused'}</strong> {text}
          </span>
          <button
            type="button"
            class="button quiet"
            aria-label={`Put away: ${text}`}
            onClick={() => putAway(number)}
          >
            ✕
          </button>
        </p>
      ))}
    </section>
  );
}
