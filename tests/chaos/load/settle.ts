import { setTimeout as sleep } from 'node:timers/promises';
import type { BackOffice } from './back-office.ts';
import type { Book, Claim, Told } from './book.ts';
import { ask } from './http.ts';
import { minorOf } from './money.ts';
import type { Shop } from './ways.ts';

interface SettleOptions {
  readonly gatewayUrl: string;
  readonly book: Book;
  readonly shops: readonly Shop[];
  readonly office: BackOffice;
  /** Everything that could still be executed has passed its deadline by then. */
  readonly deadlineAtMs: number;
}

export interface Settled {
  executed: number;
  neverExecuted: number;
  /** Doubts that stayed. There must be none. */
  readonly open: string[];
}

const WITHIN_MS = 30_000;
const ASK_EVERY_MS = 100;
const TIMEOUT_MS = 5_000;
const AT_ONCE = 8;

/** Ends every doubt by asking for its key: what was executed gets its outcome, the rest is known never to happen. */
export async function settleDoubts(options: SettleOptions): Promise<Settled> {
  const { book, deadlineAtMs } = options;
  const settled: Settled = { executed: 0, neverExecuted: 0, open: [] };
  await sleep(Math.max(0, deadlineAtMs - Date.now()));
  const giveUpAt = Date.now() + WITHIN_MS;
  const doubtful = book.claims.filter(
    (claim) => claim.kind === 'charge' && claim.told === null && !claim.denied,
  );
  const queue = [...doubtful];
  const worker = async () => {
    for (let claim = queue.pop(); claim; claim = queue.pop())
      await settleCharge(options, claim, settled, giveUpAt);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await settleReversals(options, settled, giveUpAt);
  await settleCredits(options, settled, giveUpAt);
  return settled;
}

/** An admin has no other way than the till's: the same request under the same key. */
async function settleReversals({ book, office }: SettleOptions, settled: Settled, giveUpAt: number) {
  for (const { claim, send } of office.reversals) {
    while (claim.told === null && Date.now() < giveUpAt) {
      await book.attempt(claim, send);
      if (claim.told === null) await sleep(ASK_EVERY_MS);
    }
    if (claim.told === null) settled.open.push(`reversal of ${claim.reversalOf}`);
  }
}

async function settleCharge(
  { gatewayUrl, shops, book, deadlineAtMs }: SettleOptions,
  claim: Claim,
  settled: Settled,
  giveUpAt: number,
): Promise<void> {
  const { token } = shops.find(({ vendorId }) => vendorId === claim.vendorId)!;
  const expires = encodeURIComponent(new Date(deadlineAtMs).toISOString());
  const path = `/api/charges/by-key/${encodeURIComponent(claim.messageId)}/?expires_at=${expires}`;
  for (;;) {
    const answer = await ask(gatewayUrl, { method: 'GET', path, token, timeoutMs: TIMEOUT_MS });
    if (answer?.status === 200) {
      settled.executed++;
      book.tell(claim, toldOf(answer.body.data));
      return;
    }
    if (answer?.body?.error?.code === 'NEVER_EXECUTED') {
      settled.neverExecuted++;
      claim.denied = true;
      return;
    }
    if (Date.now() > giveUpAt) {
      const said = answer ? `${answer.status} ${JSON.stringify(answer.body)}` : 'nothing';
      settled.open.push(
        `vendor ${claim.vendorId}, key ${claim.messageId}: asked by key, the answer is ${said}`,
      );
      return;
    }
    await sleep(ASK_EVERY_MS);
  }
}

interface Shown {
  readonly transaction_id: string;
  readonly status: string;
  readonly reason: string;
  readonly balance_before: number;
  readonly balance_after: number;
}

function toldOf({ transaction_id: id, status, reason, balance_before, balance_after }: Shown): Told {
  if (status === 'rejected') return { outcome: 'rejected', id, code: reason };
  return { outcome: 'posted', id, before: minorOf(balance_before), after: minorOf(balance_after) };
}

/** Whatever was approved, whether its approver knows it or not, must be posted. */
async function settleCredits({ book, office }: SettleOptions, settled: Settled, giveUpAt: number) {
  for (const credit of office.credits) {
    for (;;) {
      const shown = await office.look(credit);
      if (shown?.status === 'posted' && shown.transactionId) {
        credit.claim = book.open({
          kind: 'credit',
          vendorId: credit.shop.vendorId,
          messageId: `~credit/${credit.id}`,
          amount: credit.amount,
          phone: null,
          reversalOf: null,
        });
        book.tell(credit.claim, { outcome: 'posted', id: shown.transactionId, before: null, after: null });
        break;
      }
      if (shown?.status === 'pending' && !credit.approved) break;
      if (Date.now() > giveUpAt) {
        settled.open.push(`credit request ${credit.id} is ${shown?.status ?? 'not to be seen'}, not posted`);
        break;
      }
      await sleep(ASK_EVERY_MS);
    }
  }
}
