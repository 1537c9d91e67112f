import { useId } from 'preact/hooks';
import type { Field } from '../../request/types.ts';
import type { Wire } from '../../server/wire.ts';

type Props = {
  fields: readonly Wire<Field>[];
  values: Readonly<Record<string, string>>;
  onChange: (name: string, value: string) => void;
};

/** What the person fills in. */
export function Fields({ fields, values, onChange }: Props) {
  return (
    <>
      {fields.map((field) => (
        <One key={field.name} field={field} value={values[field.name] ?? field.value} onChange={onChange} />
      ))}
    </>
  );
}

function One({ field, value, onChange }: { field: Wire<Field>; value: string; onChange: Props['onChange'] }) {
  const id = useId();
  const set = (event: Event) => {
    const { target } = event;
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) onChange(field.name, target.value);
  };
  const hint = field.hint ? `${id}-hint` : undefined;
  return (
    <div class="field">
      <label for={id}>{field.label}</label>
      {field.type === 'choice' ? (
        <select id={id} value={value} onChange={set}>
          {field.choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      ) : (
        <span class="with-unit">
          <input
            id={id}
            value={value}
            onInput={set}
            autocomplete="off"
            spellcheck={false}
            inputMode={field.type === 'amount' ? 'decimal' : 'text'}
            aria-describedby={hint}
          />
          {field.type === 'amount' ? <span class="unit">{field.unit}</span> : null}
        </span>
      )}
      {field.hint ? (
        <small id={hint} class="hint">
          {field.hint}
        </small>
      ) : null}
    </div>
  );
}
