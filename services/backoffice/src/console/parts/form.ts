import type { Problem, Visit } from '../http/page.ts';
import { TOKEN_FIELD } from '../session/forgery.ts';
import { type Content, type Html, html, raw } from './html.ts';
import { texts } from './texts.ts';

/** Every form that posts has it. */
export const hidden = ({ csrf }: Pick<Visit, 'csrf'>): Html =>
  html`<input type="hidden" name="${TOKEN_FIELD}" value="${csrf}">`;

interface FormOptions {
  readonly action: string;
  readonly submit: string;
  readonly fields: Content;
  readonly problem?: Problem | null | undefined;
  /** A link beside the button. */
  readonly cancel?: string | undefined;
  readonly danger?: boolean;
}

/** A form that acts, with its token, and what was wrong with it the last time. */
export function actForm(
  visit: Visit,
  { action, submit, fields, problem, cancel, danger }: FormOptions,
): Html {
  return html`<form class="form" method="post" action="${action}">
    ${hidden(visit)}
    ${problem ? html`<p class="problem" role="alert">${problem.message}</p>` : null}
    ${fields}
    <div class="actions">
      <button class="${danger ? 'danger' : 'primary'}">${submit}</button>
      ${cancel === undefined ? null : html`<a class="button" href="${cancel}">${texts[visit.locale].cancel}</a>`}
    </div>
  </form>`;
}

/** A form that asks for another view of a page: filters, a search. */
export function filterForm(visit: Visit, action: string, fields: Content): Html {
  const t = texts[visit.locale];
  return html`<form class="filter" method="get" action="${action}" role="search">
    ${fields}
    <div class="actions"><button>${t.filter}</button><a class="button quiet" href="${action}">${t.clear}</a></div>
  </form>`;
}

interface FieldOptions {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly value?: unknown;
  readonly problem?: Problem | null | undefined;
  readonly type?: 'text' | 'password' | 'search' | 'date' | 'datetime-local' | 'tel';
  readonly required?: boolean;
  readonly maxLength?: number;
  /** For numbers, names of accounts: written from left to right in every language. */
  readonly ltr?: boolean;
  readonly autocomplete?: string;
  readonly inputMode?: 'decimal' | 'numeric' | 'tel';
  readonly rows?: number;
  readonly autofocus?: boolean;
}

/** A labelled text box with its hint and its error, which screen readers read with it. */
export function field(options: FieldOptions): Html {
  const { name, type = 'text', required = false, ltr = false, rows } = options;
  const value = typeof options.value === 'string' || typeof options.value === 'number' ? options.value : '';
  const attributes = html`id="f-${name}" name="${name}" ${described(options)}
    ${required ? raw('required') : null} ${options.maxLength ? html`maxlength="${options.maxLength}"` : null}
    ${ltr ? raw('dir="ltr"') : null} ${options.autocomplete ? html`autocomplete="${options.autocomplete}"` : null}
    ${options.inputMode ? html`inputmode="${options.inputMode}"` : null} ${options.autofocus ? raw('autofocus') : null}`;
  const box = rows
    ? html`<textarea rows="${rows}" ${attributes}>${value}</textarea>`
    : html`<input type="${type}" value="${value}" ${attributes}>`;
  return labelled(options, box);
}

interface SelectOptions extends Pick<FieldOptions, 'name' | 'label' | 'hint' | 'value' | 'problem'> {
  /** Value and text; the value '' is "not given". */
  readonly choices: readonly (readonly [string, string])[];
}

export function select(options: SelectOptions): Html {
  const items = options.choices.map(
    ([value, text]) =>
      html`<option value="${value}"${value === String(options.value ?? '') ? raw(' selected') : null}>${text}</option>`,
  );
  return labelled(
    options,
    html`<select id="f-${options.name}" name="${options.name}" ${described(options)}>${items}</select>`,
  );
}

export function checkbox({
  name,
  label,
  checked = false,
}: {
  name: string;
  label: string;
  checked?: boolean;
}): Html {
  return html`<label class="check"><input type="checkbox" name="${name}" value="true"${checked ? raw(' checked') : null}> ${label}</label>`;
}

type Described = Pick<FieldOptions, 'name' | 'label' | 'hint' | 'problem'>;

const wrongOf = ({ name, problem }: Described) => problem?.fields.get(name);

function described(options: Described): Html | null {
  const wrong = wrongOf(options);
  const ids = [options.hint ? `h-${options.name}` : '', wrong ? `e-${options.name}` : ''].join(' ').trim();
  return ids === '' ? null : html`aria-describedby="${ids}" ${wrong ? raw('aria-invalid="true"') : null}`;
}

function labelled(options: Described, box: Html): Html {
  const wrong = wrongOf(options);
  return html`<div class="field">
    <label for="f-${options.name}">${options.label}</label>
    ${box}
    ${options.hint ? html`<small id="h-${options.name}">${options.hint}</small>` : null}
    ${wrong ? html`<small class="wrong" id="e-${options.name}">${wrong}</small>` : null}
  </div>`;
}
