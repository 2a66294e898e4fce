import type { Problem, Visit } from '../http/page.ts';
import { type Shown, show } from '../http/reply.ts';
import { actForm } from './form.ts';
import { type Content, html } from './html.ts';
import { facts } from './values.ts';

interface ConfirmOptions {
  readonly title: string;
  /** What will happen, sentence by sentence. */
  readonly says: readonly Content[];
  /** What it will happen to. */
  readonly about?: readonly (readonly [string, Content])[];
  /** The act's own address. */
  readonly action: string;
  readonly submit: string;
  readonly cancel: string;
  /** What else is asked: a reason, for instance. */
  readonly fields?: Content;
  readonly danger?: boolean;
  readonly problem?: Problem | null;
  readonly under?: string;
}

/** A page that asks before something is done, and says what will be done. It works without a script. */
export function confirm(visit: Visit, options: ConfirmOptions): Shown {
  const { title, says, about = [], under, fields = null, problem = null, danger = true, ...rest } = options;
  const body = html`<div class="card narrow">
    ${about.length > 0 ? facts(about) : null}
    <ul class="says">${says.map((sentence) => html`<li>${sentence}</li>`)}</ul>
    ${actForm(visit, { ...rest, fields, problem, danger })}
  </div>`;
  return show(title, body, { ...(under === undefined ? {} : { under }), status: problem ? 422 : 200 });
}
