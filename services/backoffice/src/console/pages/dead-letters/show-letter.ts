import { type DeadLetter, deadLetterSchema, HEADERS } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { maskPhone } from '@b2b-charge/runtime';
import { z } from 'zod';
import type { Backoffice } from '../../../backoffice.ts';
import type { Visit } from '../../http/page.ts';
import { type Html, html } from '../../parts/html.ts';
import { badge } from '../../parts/values.ts';
import { texts } from './texts.ts';

export const PATH = '/admin/dead-letters/';
export const byId = z.object({ id: deadLetterSchema.shape.id });

/** Throws Refusal: NOT_FOUND. */
export async function findLetter({ ask }: Pick<Backoffice, 'ask'>, id: string): Promise<DeadLetter> {
  const [letter] = (await ask('ledger.query.dead-letters', { id, limit: 1 })).dead_letters;
  if (!letter) throw new Refusal('NOT_FOUND');
  return letter;
}

/** The vendor and the source that its subject names, as far as it names any. */
export function addressOf({ subject }: Pick<DeadLetter, 'subject'>): {
  vendor: number | null;
  source: string;
} {
  const [source = '', vendor = ''] = subject.split('.').slice(-2);
  return { vendor: /^[1-9]\d{0,9}$/.test(vendor) ? Number(vendor) : null, source };
}

export const letterState = ({ locale }: Visit, { resubmitted_as }: DeadLetter): Html =>
  resubmitted_as === null ? badge('warn', texts[locale].open) : badge('good', texts[locale].sentAgain);

const PHONE = /\+[1-9]\d{6,14}/g;
const masked = (text: string): string => text.replaceAll(PHONE, maskPhone);

/** A payload as people can read it: text with its phone numbers masked, else its bytes. */
export function readPayload(base64: string): { text: string; isText: boolean } {
  const bytes = Buffer.from(base64, 'base64');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!/[\p{Cc}]/u.test(text.replaceAll(/[\n\r\t]/g, '')))
      return { text: masked(indented(text)), isText: true };
  } catch {
    // Bytes, then.
  }
  return { text: bytes.toString('hex').replaceAll(/(..)(?=.)/g, '$1 '), isText: false };
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const OURS: ReadonlySet<string> = new Set(Object.values(HEADERS));
const SECRET = /auth|token|secret|cookie|key|pass/i;

/** A header's value; what may be a secret of a stranger's is not shown. */
export const headerValue = (name: string, value: unknown): string =>
  !OURS.has(name) && SECRET.test(name) ? '•••' : masked(String(value));

/** A payload in its box. */
export const payloadBox = (visit: Visit, base64: string): Html => {
  const { text, isText } = readPayload(base64);
  const t = texts[visit.locale];
  return html`<pre dir="ltr" tabindex="0">${text}</pre><small>${isText ? t.masked : t.binary}</small>`;
};
