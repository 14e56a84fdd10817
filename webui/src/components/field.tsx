// Fields: native controls in our look, so that phones show their own keyboards and
// pickers. Each has its label, a help text, and its error beside it.
import { type HTMLAttributes, type ReactNode, type Ref, useEffect, useId, useRef, useState } from 'react';
import { Icon, type IconName } from './icon';
import { IconButton } from './button';

interface FieldProps {
  label: ReactNode;
  help?: ReactNode;
  error?: string | undefined;
  /** Beside the label, such as "optional". */
  aside?: ReactNode;
}

function Field({ label, help, error, aside, children }: FieldProps & { children: (ids: { id: string; described: string | undefined }) => ReactNode }) {
  const id = useId();
  const described = [error ? `${id}-err` : '', help ? `${id}-help` : ''].filter(Boolean).join(' ') || undefined;
  return (
    <div className="field">
      <div className="row"><label htmlFor={id} className="label">{label}</label>{aside ? <span className="push small muted">{aside}</span> : null}</div>
      {children({ id, described })}
      {help ? <p className="help" id={`${id}-help`}>{help}</p> : null}
      <p className="err" id={`${id}-err`} role={error ? 'alert' : undefined}>{error ? <><Icon name="alert" size="s" /><span>{error}</span></> : null}</p>
    </div>
  );
}

export interface TextFieldProps extends FieldProps {
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'email' | 'search' | 'url' | 'number' | 'date' | 'datetime-local' | 'time';
  name?: string;
  autoComplete?: string;
  autoFocus?: boolean;
  spellCheck?: boolean;
  placeholder?: string;
  isDisabled?: boolean;
  big?: boolean;
  min?: string;
  max?: string;
  /** What is selected when it gets the focus at first: all, or what stands before the ending of a file's name. */
  select?: 'all' | 'stem';
  lines?: number;
  inputMode?: HTMLAttributes<HTMLInputElement>['inputMode'];
  ref?: Ref<HTMLInputElement>;
}

export function TextField({ label, help, error, aside, value, onChange, type = 'text', autoFocus, select, isDisabled, big, lines, ref, ...rest }: TextFieldProps) {
  const own = useRef<HTMLInputElement | HTMLTextAreaElement>(null);
  useEffect(() => {
    const el = own.current;
    if (!autoFocus || !el) return;
    el.focus();
    const dot = select === 'stem' ? el.value.lastIndexOf('.') : -1;
    if (select && type === 'text') el.setSelectionRange(0, dot > 0 ? dot : el.value.length);
  }, []); // at first only
  const cls = `input${error ? ' bad' : ''}${big ? ' big' : ''}`;
  return (
    <Field label={label} help={help} error={error} aside={aside}>
      {({ id, described }) => {
        const common = { id, className: cls, value, disabled: isDisabled, 'aria-invalid': error ? true as const : undefined, 'aria-describedby': described, ...rest };
        if (lines) return <textarea ref={own as Ref<HTMLTextAreaElement>} rows={lines} {...(common as object)} value={value} onChange={(e) => onChange(e.target.value)} />;
        return (
          <input type={type} {...common} onChange={(e) => onChange(e.target.value)} ref={(el) => {
            own.current = el;
            if (typeof ref === 'function') ref(el);
            else if (ref) ref.current = el;
          }} />
        );
      }}
    </Field>
  );
}

/** A date, or a date with its time; the value is as the browser's own field gives it ("2026-01-31"). */
export function DateField({ withTime = false, ...props }: Omit<TextFieldProps, 'type' | 'lines' | 'select'> & { withTime?: boolean }) {
  return <TextField {...props} type={withTime ? 'datetime-local' : 'date'} />;
}

export function PasswordField({ label, error, value, onChange, show, autoComplete, big, ref }: FieldProps & {
  value: string; onChange: (v: string) => void; show: string; autoComplete: 'current-password' | 'new-password'; big?: boolean; ref?: Ref<HTMLInputElement>;
}) {
  const [shown, setShown] = useState(false);
  return (
    <Field label={label} error={error}>
      {({ id, described }) => (
        <span className="within">
          <input id={id} className={`input${error ? ' bad' : ''}${big ? ' big' : ''}`} type={shown ? 'text' : 'password'} autoComplete={autoComplete} name="password"
            value={value} aria-invalid={error ? true : undefined} aria-describedby={described} ref={ref} onChange={(e) => onChange(e.target.value)} spellCheck={false} autoCapitalize="none" />
          <IconButton icon="eye" label={show} pressed={shown} onPress={() => setShown(!shown)} />
        </span>
      )}
    </Field>
  );
}

export interface Option {
  id: string;
  text: string;
}

export function Select({ label, help, error, aside, value, onChange, options, isDisabled }: FieldProps & {
  value: string; onChange: (id: string) => void; options: readonly Option[]; isDisabled?: boolean;
}) {
  return (
    <Field label={label} help={help} error={error} aside={aside}>
      {({ id, described }) => (
        <select id={id} className="select" value={value} disabled={isDisabled} aria-describedby={described} onChange={(e) => onChange(e.target.value)}>
          {options.map((o) => <option key={o.id} value={o.id}>{o.text}</option>)}
        </select>
      )}
    </Field>
  );
}

interface TickProps {
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  isDisabled?: boolean;
  help?: ReactNode;
}

export function Checkbox({ label, checked, onChange, isDisabled, some = false }: TickProps & { some?: boolean }) {
  return (
    <label className="row">
      <input className={`check${some ? ' some' : ''}`} type="checkbox" checked={checked} disabled={isDisabled} onChange={(e) => onChange(e.target.checked)}
        ref={(el) => { if (el) el.indeterminate = some; }} />
      {label}
    </label>
  );
}

/** A setting that acts at once. */
export function Switch({ label, checked, onChange, isDisabled, help }: TickProps) {
  const id = useId();
  return (
    <div className="setting">
      <div className="grow"><label htmlFor={id} className="label">{label}</label>{help ? <p className="help" id={`${id}-help`}>{help}</p> : null}</div>
      <input className="switch" id={id} type="checkbox" role="switch" checked={checked} disabled={isDisabled} aria-describedby={help ? `${id}-help` : undefined} onChange={(e) => onChange(e.target.checked)} />
    </div>
  );
}

export function RadioGroup({ label, value, onChange, options }: { label: ReactNode; value: string; onChange: (id: string) => void; options: readonly (Option & { help?: string; icon?: IconName })[] }) {
  const name = useId();
  return (
    <fieldset className="stack">
      <legend className="label">{label}</legend>
      {options.map((o) => (
        <label key={o.id} className="row">
          <input className="check" type="radio" name={name} checked={o.id === value} onChange={() => onChange(o.id)} />
          {o.icon && <Icon name={o.icon} />}<span className="grow">{o.text}{o.help ? <span className="help">{o.help}</span> : null}</span>
        </label>
      ))}
    </fieldset>
  );
}
