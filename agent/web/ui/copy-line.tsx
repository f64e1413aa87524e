import { useRef } from 'preact/hooks';
import { tell } from '../state/toasts.ts';

/** A line for the shell, and a button that copies it; `comment` says what it asks for. */
export function CopyLine({ line, comment }: { readonly line: string; readonly comment: string }) {
  const shown = useRef<HTMLElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line);
      tell('done', 'The line is copied');
    } catch {
      // Without the right to, or over plain HTTP from elsewhere: then it is marked, and Ctrl-C takes it.
      getSelection()!.selectAllChildren(shown.current!);
      tell('done', 'The line is marked: copy it with Ctrl-C');
    }
  };
  return (
    <p class="copy-line">
      <code ref={shown}>{line}</code>
      <button type="button" class="button small" onClick={copy}>
        Copy<span class="visually-hidden"> the line for {comment}</span>
      </button>
      <span class="muted"># {comment}</span>
    </p>
  );
}
