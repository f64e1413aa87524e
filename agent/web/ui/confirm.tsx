import { signal } from '@preact/signals';
import { Dialog } from './dialog.tsx';

interface Question {
  /** Tells it from one that was asked before: each has a dialog of its own. */
  readonly number: number;
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  answer(yes: boolean): void;
}

const question = signal<Question | undefined>(undefined);
let asked = 0;

/** Asks before something is done that cannot be taken back; resolves with whether it may be. */
export function confirmed(title: string, text: string, yes: string): Promise<boolean> {
  return new Promise((resolve) => {
    const own: Question = {
      number: ++asked,
      title,
      text,
      yes,
      // The browser may tell of a dialog's end only when the next one is there.
      answer: (said) => {
        if (question.value === own) question.value = undefined;
        resolve(said);
      },
    };
    question.value = own;
  });
}

/** The place of the page where the question is asked. */
export function Confirmation() {
  const current = question.value;
  if (!current) return null;
  return (
    <Dialog key={current.number} title={current.title} onClose={() => current.answer(false)}>
      <p>{current.text}</p>
      <div class="dialog-buttons">
        <button type="button" class="button" onClick={() => current.answer(false)}>
          Cancel
        </button>
        <button type="button" class="button danger" onClick={() => current.answer(true)}>
          {current.yes}
        </button>
      </div>
    </Dialog>
  );
}
