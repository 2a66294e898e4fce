import type { Visit } from '../http/page.ts';
import { type Content, type Html, html } from './html.ts';

/** An amount with its currency. */
export const amount = ({ formats }: Visit, decimal: string): Html =>
  html`<span class="amount"><bdi>${formats.amount(decimal)}</bdi> <small>${formats.currency}</small></span>`;

/** An amount in a column whose head names the currency. */
export const figure = ({ formats }: Visit, decimal: string | number): Html =>
  html`<bdi class="figure">${formats.amount(decimal)}</bdi>`;

/** An instant, in the business time zone; the machine's form of it stands in the markup. */
export const time = ({ formats }: Visit, instant: string): Html =>
  html`<time datetime="${instant}"><bdi>${formats.time(instant)}</bdi></time>`;

/** How long ago an instant was; the instant itself shows when pointed at. */
export const ago = ({ formats }: Visit, instant: string, nowMs: number): Html =>
  html`<time datetime="${instant}" title="${formats.time(instant)}"><bdi>${formats.ago(instant, nowMs)}</bdi></time>`;

/** Ids, keys, phone numbers, addresses: left to right in every language. */
export const code = (text: string): Html => html`<code dir="ltr">${text}</code>`;

export type Tone = 'good' | 'bad' | 'warn' | 'plain';

/** A state as a word with a colour; the word alone says it. */
export const badge = (tone: Tone, text: string): Html => html`<span class="badge ${tone}">${text}</span>`;

/** Figures at the top of a page. */
export function stats(items: readonly { label: string; value: Content; note?: Content }[]): Html {
  return html`<dl class="stats">${items.map(
    ({ label, value, note }) =>
      html`<div><dt>${label}</dt><dd>${value}</dd>${note ? html`<dd class="note">${note}</dd>` : null}</div>`,
  )}</dl>`;
}

/** What is known of one thing. */
export function facts(items: readonly (readonly [string, Content])[]): Html {
  return html`<dl class="facts">${items.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A part of a page. */
export const section = (title: string, body: Content, tools?: Content): Html =>
  html`<section class="card"><div class="head"><h2>${title}</h2>${tools ? html`<div class="tools">${tools}</div>` : null}</div>${body}</section>`;

/** Instead of an empty table: what would be here, and what to do. */
export const empty = (sentence: Content, more?: Content): Html =>
  html`<div class="empty"><p>${sentence}</p>${more ? html`<p>${more}</p>` : null}</div>`;
