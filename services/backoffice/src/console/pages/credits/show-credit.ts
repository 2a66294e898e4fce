import { type CreditRequest, formatMoney, minorOf } from '@b2b-charge/contracts';
import type { Visit } from '../../http/page.ts';
import { type Operator, operatorActor } from '../../operators/operator.ts';
import { CREDIT_TONES } from '../../parts/credit-tones.ts';
import { type Html, html } from '../../parts/html.ts';
import { badge } from '../../parts/values.ts';
import { texts } from './texts.ts';

export const PATH = '/admin/credits/';

export const creditStatus = ({ locale }: Visit, { status }: CreditRequest): Html =>
  badge(CREDIT_TONES[status], texts[locale][status]);

/** An operator or a token's name as people say it. */
export const personOf = (actor: string): string => actor.replace(/^admin:/, '');

/** What keeps an operator from approving a request; null: nothing does. The credits service decides in the end. */
export function hindrance(
  request: CreditRequest,
  operator: Operator,
): 'gone' | 'youAsked' | 'youApproved' | null {
  const actor = operatorActor(operator);
  if (request.status !== 'pending') return 'gone';
  if (request.requested_by === actor) return 'youAsked';
  return request.approvals.some(({ by }) => by === actor) ? 'youApproved' : null;
}

/** Whether one more approval is the last one needed. */
export const completes = ({ approvals, approvals_needed }: CreditRequest): boolean =>
  approvals.length + 1 >= approvals_needed;

/** Who approved so far, of how many that must. */
export function approvalsOf(
  visit: Visit,
  { approvals, approvals_needed, status }: CreditRequest,
): Html | null {
  if (approvals_needed < 2 && approvals.length === 0) return null;
  const { number } = visit.formats;
  const t = texts[visit.locale];
  const names = approvals.map(({ by }) => html` <bdi>${personOf(by)}</bdi>`);
  const count =
    approvals_needed < 2 ? null : t.approvalsOf(number(approvals.length), number(approvals_needed));
  return html`${count}${names}${status === 'pending' && approvals.length > 0 ? html` ${badge('warn', t.halfway)}` : null}`;
}

/** The decimal string of what some requests add up to. */
export const totalOf = (requests: readonly CreditRequest[]): string =>
  formatMoney(requests.reduce((sum, { amount }) => sum + minorOf(amount), 0n));
