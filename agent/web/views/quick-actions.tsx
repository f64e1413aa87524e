import type { Guest } from '../api/types.ts';
import { act, GUEST_ACTIONS, type GuestAction } from '../state/life-cycle.ts';
import { confirmed } from '../ui/confirm.tsx';

/** What a guest's row offers: the first of these that its state allows. */
const QUICK = ['start', 'resume', 'wakeup', 'shutdown', 'destroy'];

/** Does it, after a question where something is lost. */
export async function actAsked(guest: Guest, { action, label, loses }: GuestAction): Promise<void> {
  if (loses && !(await confirmed(`${label} ${guest.name}?`, loses, label))) return;
  await act(guest, action, label);
}

/** The button of a guest's row. */
export function QuickAction({ guest }: { readonly guest: Guest }) {
  const [first] = QUICK.flatMap((name) =>
    GUEST_ACTIONS.filter(({ action, states }) => action === name && states.includes(guest.state)),
  );
  if (!first) return null;
  return (
    <button type="button" class="button small" onClick={() => actAsked(guest, first)}>
      {first.label}
      <span class="visually-hidden"> {guest.name}</span>
    </button>
  );
}
