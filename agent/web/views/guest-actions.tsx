import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { guestPath, request } from '../api/request.ts';
import type { Guest } from '../api/types.ts';
import { hosts } from '../state/fleet.ts';
import { act, GUEST_ACTIONS, telling } from '../state/life-cycle.ts';
import { confirmed } from '../ui/confirm.tsx';
import { actAsked } from './quick-actions.tsx';
import { RaiseFault } from './raise-fault.tsx';

const target = signal('');

/** Everything that can be done to a guest in its state. */
export function GuestActions({ guest }: { readonly guest: Guest }) {
  const [isRaising, setRaising] = useState(false);
  const possible = GUEST_ACTIONS.filter(({ states }) => states.includes(guest.state));
  const isActive = guest.state !== 'SHUTOFF';
  const isContainer = guest.type === 'lxc';
  const nmi = async () => {
    const text = 'A kernel that panics on NMIs crashes.';
    if (!(await confirmed(`Inject an NMI into ${guest.name}?`, text, 'Inject NMI'))) return;
    await telling(`NMI: ${guest.name}`, () => request('POST', guestPath(guest, '/debug'), { nmi: true }));
  };
  return (
    <fieldset class="actions" aria-label={`Actions on ${guest.name}`}>
      {possible.map((one) => (
        <button
          key={one.action}
          type="button"
          class={`button ${one.action === 'destroy' ? 'danger' : ''}`}
          onClick={() => actAsked(guest, one)}
        >
          {one.label}
        </button>
      ))}
      {isActive && !isContainer && (
        <button type="button" class="button" onClick={nmi}>
          Inject NMI
        </button>
      )}
      {guest.state === 'RUNNING' && <Migrate guest={guest} />}
      <button type="button" class="button" onClick={() => setRaising(true)}>
        Raise a fault…
      </button>
      {isRaising && <RaiseFault guest={guest} onClose={() => setRaising(false)} />}
    </fieldset>
  );
}

/** Moves it to another host, where there is one. */
function Migrate({ guest }: { readonly guest: Guest }) {
  const others = hosts.value.filter(({ name, state }) => name !== guest.host && state === 'up');
  if (others.length === 0) return null;
  const to = others.some(({ name }) => name === target.value) ? target.value : others[0]!.name;
  return (
    <span class="migrate">
      <label>
        <span class="visually-hidden">Migrate to host</span>
        <select value={to} onChange={(event) => (target.value = event.currentTarget.value)}>
          {others.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <button
        type="button"
        class="button"
        onClick={() => act(guest, 'migrate', `Migrate to ${to}`, { target: to, persist: true })}
      >
        Migrate
      </button>
    </span>
  );
}
