import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../../services/ledger/simulator/random.ts';
import type { Answer, Book, Claim } from './book.ts';
import { answerOf, ask, send as sendOver } from './http.ts';
import { decimalOf } from './money.ts';
import type { Shop } from './ways.ts';

export interface BackOfficeOptions {
  readonly gatewayUrl: string;
  readonly backofficeUrl: string;
  readonly adminToken: string;
  readonly book: Book;
  readonly shops: readonly Shop[];
  readonly random: Random;
  /** Charges known to be posted, from which some are reversed; each is taken once or, now and then, twice. */
  readonly recent: readonly Claim[];
}

/** A credit request, and how far it got. */
export interface Credit {
  readonly shop: Shop;
  readonly id: number;
  readonly amount: bigint;
  approved: boolean;
  claim: Claim | null;
}

const TIMEOUT_MS = 6_000;
const RETRY_MS = 250;
const CREDIT = [500_000, 2_500_000] as const;
const ROUND_MS = [200, 900] as const;
const REVERSE = 0.6;

/** Grants credit and gives charges back, through the API, as long as the load lasts. */
export class BackOffice {
  readonly credits: Credit[] = [];
  readonly reversals: { claim: Claim; send: () => Promise<Answer> }[] = [];
  readonly #options: BackOfficeOptions;

  constructor(options: BackOfficeOptions) {
    this.#options = options;
  }

  async run(until: AbortSignal): Promise<void> {
    const { random, shops } = this.#options;
    for (let number = 1; !until.aborted; number++) {
      if (random.chance(REVERSE)) await this.#reverse(number, until);
      else await this.grant(random.pick(shops), { key: `credit-${number}`, until });
      await sleep(random.between(...ROUND_MS), undefined, { signal: until }).catch(() => {});
    }
  }

  /** Requests credit and approves it. What is cut off is settled later: the request is in the list, or never was. */
  async grant(shop: Shop, { key, until, amount }: { key: string; until: AbortSignal; amount?: bigint }) {
    const asked = amount ?? BigInt(this.#options.random.between(...CREDIT));
    const body = { amount: decimalOf(asked) };
    const made = await this.#insist({ path: '/api/credits/request/', token: shop.token, key, body }, until);
    if (!made) return;
    const credit: Credit = { shop, id: made.body.data.id, amount: asked, approved: false, claim: null };
    this.credits.push(credit);
    const path = `/api/admin/credits/${credit.id}/approve/`;
    const done = await this.#insist({ path, token: this.#options.adminToken, body: {} }, until);
    credit.approved = done !== null;
  }

  async #reverse(number: number, until: AbortSignal): Promise<void> {
    const { backofficeUrl, adminToken, book, random, recent } = this.#options;
    if (recent.length === 0) return;
    const charge = random.pick(recent);
    if (charge.told?.outcome !== 'posted') return;
    const { id } = charge.told;
    const key = `reversal-${number}`;
    const claim = book.open({
      kind: 'reversal',
      vendorId: charge.vendorId,
      // The back office keeps an admin's keys apart from the vendors' own.
      messageId: `~admin/${createHash('sha256').update(key).digest('hex')}`,
      amount: charge.amount,
      phone: null,
      reversalOf: id,
    });
    const path = `/api/admin/transactions/${id}/reverse/`;
    const body = { reason: 'a wrong number' };
    const send = async () =>
      answerOf(
        await sendOver(backofficeUrl, {
          method: 'POST',
          path,
          token: adminToken,
          key,
          body,
          timeoutMs: TIMEOUT_MS,
        }),
      );
    this.reversals.push({ claim, send });
    while (!until.aborted && claim.told === null) {
      await book.attempt(claim, send);
      if (claim.told === null) await sleep(RETRY_MS);
    }
  }

  /** Until a 2xx, or 409: done already, and the answer was lost. Null if it is cut off. */
  async #insist(request: { path: string; token: string; key?: string; body: unknown }, until: AbortSignal) {
    const { gatewayUrl, backofficeUrl, book } = this.#options;
    const url = request.path.startsWith('/api/admin/') ? backofficeUrl : gatewayUrl;
    for (;;) {
      const answer = await ask(url, { method: 'POST', timeoutMs: TIMEOUT_MS, ...request });
      if (answer && (answer.status < 300 || answer.status === 409)) return answer;
      if (answer && answer.status < 500 && answer.status !== 429)
        book.contradictions.push(`${request.path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
      if (until.aborted) return null;
      await sleep(RETRY_MS);
    }
  }

  /** The request as the API shows it; null while it cannot be asked. */
  async look({ shop, id }: Credit): Promise<{ status: string; transactionId: string | null } | null> {
    const answer = await ask(this.#options.gatewayUrl, {
      method: 'GET',
      path: `/api/credits/${id}/`,
      token: shop.token,
      timeoutMs: TIMEOUT_MS,
    });
    if (answer?.status !== 200) return null;
    return { status: answer.body.data.status, transactionId: answer.body.data.transaction_id };
  }
}
