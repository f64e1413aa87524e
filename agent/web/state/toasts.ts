import { signal } from '@preact/signals';

/** What is told in passing. */
export interface Toast {
  readonly number: number;
  readonly kind: 'done' | 'refused';
  readonly text: string;
}

const SHOWN_MS = 6000;
let numbers = 0;

/** The messages that are shown, the latest last. */
export const toasts = signal<readonly Toast[]>([]);

/** Shows a message for some seconds; a refusal until it is put away. */
export function tell(kind: Toast['kind'], text: string): void {
  const number = ++numbers;
  toasts.value = [...toasts.value.slice(-3), { number, kind, text }];
  if (kind === 'done') setTimeout(() => putAway(number), SHOWN_MS);
}

/** Takes a message away. */
export function putAway(number: number): void {
  toasts.value = toasts.value.filter((toast) => toast.number !== number);
}
