import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { get, RefusedError, request } from '../api/request.ts';
import type { FaultKind, Guest } from '../api/types.ts';
import { guests, hosts, loadFaults } from '../state/fleet.ts';
import { tell } from '../state/toasts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/fields.tsx';

const kinds = signal<readonly FaultKind[]>([]);

/** Parameters whose value is one of a few words. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  recipient: ['GUEST', 'HYPERVISOR'],
  actionRequired: ['true', 'false'],
  outcome: ['Recovered', 'Ignored', 'Failed', 'Delayed'],
};
const TEXTS = ['disk', 'pool', 'bridge', 'uplink', 'sensor', 'recipient', 'outcome'];

/** Asks what shall go wrong; `guest` is whom it is about when the page is about one. */
export function RaiseFault({ guest, onClose }: { readonly guest?: Guest; readonly onClose: () => void }) {
  const [chosen, setChosen] = useState('');
  const [refusal, setRefusal] = useState('');
  const refuse = (thrown: unknown) => {
    if (!(thrown instanceof RefusedError)) throw thrown;
    setRefusal(thrown.message);
  };
  useEffect(() => {
    if (kinds.value.length === 0) get<FaultKind[]>('/fault-kinds').then((all) => (kinds.value = all), refuse);
  }, []);
  const offered = kinds.value.filter(({ on }) => !guest || on === 'guest');
  const kind = offered.find((each) => each.kind === chosen) ?? offered[0];
  const raise = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!kind) return;
    const form = new FormData(event.currentTarget as HTMLFormElement);
    try {
      await request('POST', '/faults', bodyOf(kind, guest, form));
    } catch (thrown) {
      refuse(thrown);
      return;
    }
    tell('done', `Raised ${kind.kind}`);
    await loadFaults().catch(() => {});
    onClose();
  };
  return (
    <Dialog title={guest ? `Raise a fault of ${guest.name}` : 'Raise a fault'} onClose={onClose}>
      <form onSubmit={raise}>
        <Field label="Fault">
          {(id) => (
            <select
              id={id}
              value={kind?.kind ?? ''}
              onChange={(event) => setChosen(event.currentTarget.value)}
            >
              {offered.map((each) => (
                <option key={each.kind} value={each.kind}>
                  {each.kind}
                </option>
              ))}
            </select>
          )}
        </Field>
        {kind && (
          <dl class="about">
            <dt>What is wrong</dt>
            <dd>{kind.about}</dd>
            <dt>What it leads to</dt>
            <dd>{kind.leadsTo}</dd>
          </dl>
        )}
        {kind && !guest && <TargetField key={kind.on} on={kind.on} />}
        {kind?.parameters.map((name) => (
          <ParameterField key={`${kind.kind} ${name}`} name={name} />
        ))}
        <Field label="Minutes (simulated), until it is cleared when left empty">
          {(id) => <input id={id} name="minutes" type="number" min="0" step="any" />}
        </Field>
        {refusal !== '' && (
          <p class="refusal" role="alert">
            {refusal}
          </p>
        )}
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button danger">
            Raise
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function TargetField({ on }: { readonly on: FaultKind['on'] }) {
  if (on === 'host') {
    return (
      <Field label="Host">
        {(id) => (
          <select id={id} name="host">
            {hosts.value.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
    );
  }
  return (
    <Field label="Guest, by name or UUID">
      {(id) => (
        <>
          <input id={id} name="guest" list={`${id}-names`} required autocomplete="off" />
          <datalist id={`${id}-names`}>
            {guests.value?.slice(0, 1000).map(({ uuid, host, name }) => (
              <option key={`${uuid} ${host}`} value={name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

function ParameterField({ name }: { readonly name: string }) {
  const words = WORDS[name];
  return (
    <Field label={`${name} (as the kind has it when left empty)`}>
      {(id) =>
        words ? (
          <select id={id} name={name}>
            <option value="" />
            {words.map((word) => (
              <option key={word}>{word}</option>
            ))}
          </select>
        ) : (
          <input id={id} name={name} {...(TEXTS.includes(name) ? {} : { type: 'number', step: 'any' })} />
        )
      }
    </Field>
  );
}

function bodyOf(kind: FaultKind, guest: Guest | undefined, form: FormData): object {
  const field = (name: string) => String(form.get(name) ?? '').trim();
  const parameters: Record<string, unknown> = {};
  for (const name of kind.parameters) {
    const value = field(name);
    if (value === '') continue;
    parameters[name] = TEXTS.includes(name)
      ? value
      : name === 'actionRequired'
        ? value === 'true'
        : Number(value);
  }
  const minutes = Number(field('minutes'));
  const about = guest ? { guest: guest.uuid, host: guest.host } : { [kind.on]: field(kind.on) };
  return {
    kind: kind.kind,
    ...about,
    ...(Object.keys(parameters).length > 0 && { parameters }),
    ...(minutes > 0 && { durationMs: Math.round(minutes * 60_000) }),
  };
}
