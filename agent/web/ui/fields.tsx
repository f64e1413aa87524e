import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A field with its label. */
export function Field({
  label,
  children,
}: {
  readonly label: string;
  readonly children: (id: string) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
    </div>
  );
}

/** A text that narrows a list. */
export function SearchField({ label, text }: { readonly label: string; readonly text: Signal<string> }) {
  return (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          type="search"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
        />
      )}
    </Field>
  );
}

/** A choice; `options` are values, or values with the words for them. */
export function SelectField({
  label,
  value,
  options,
}: {
  readonly label: string;
  readonly value: Signal<string>;
  readonly options: readonly (string | readonly [value: string, words: string])[];
}) {
  return (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          value={value.value}
          onChange={(event) => {
            value.value = event.currentTarget.value;
          }}
        >
          {options.map((option) => {
            const [key, words] = typeof option === 'string' ? [option, option] : option;
            return (
              <option key={key} value={key}>
                {words}
              </option>
            );
          })}
        </select>
      )}
    </Field>
  );
}
