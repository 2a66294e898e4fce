import { type LedgerClient, NotAcceptedError, PendingError } from '@b2b-charge/client';
import type { MessageId, Outcome, VendorId } from '@b2b-charge/contracts';
import type { Answer } from './book.ts';
import { answerOf, send } from './http.ts';
import { decimalOf, minorOf } from './money.ts';

export interface Shop {
  readonly vendorId: number;
  readonly token: string;
}

export interface Sale {
  readonly shop: Shop;
  readonly key: string;
  readonly phone: string;
  readonly amount: bigint;
  /** How long the client waits. */
  readonly timeoutMs: number;
}

/** A way to the ledger. */
export type Sell = (sale: Sale) => Promise<Answer>;

export const overHttp =
  (gatewayUrl: string): Sell =>
  async ({ shop, key, phone, amount, timeoutMs }) =>
    answerOf(
      await send(gatewayUrl, {
        method: 'POST',
        path: '/api/charges/sell/',
        token: shop.token,
        key,
        body: { phone_number: phone, amount: decimalOf(amount) },
        timeoutMs,
      }),
    );

/** Of a client for one attempt. */
export const LONGEST_WAIT_MS = 5_000;
/** Deadline of a command over NATS, beyond the client's own wait. */
const DEADLINE_AFTER_WAIT_MS = 2_000;
export const LONGEST_NATS_DEADLINE_MS = LONGEST_WAIT_MS + DEADLINE_AFTER_WAIT_MS;

export const overNats =
  (client: LedgerClient): Sell =>
  async ({ shop, key, phone, amount, timeoutMs }) => {
    try {
      const outcome = await client.send({
        vendorId: shop.vendorId as VendorId,
        messageId: key as MessageId,
        command: { type: 'charge', phone_number: phone, amount: decimalOf(amount) },
        waitMs: timeoutMs,
        deadlineMs: timeoutMs + DEADLINE_AFTER_WAIT_MS,
      });
      return answerOfOutcome(outcome);
    } catch (error) {
      if (error instanceof PendingError) return { kind: 'doubt', code: 'no outcome yet' };
      if (error instanceof NotAcceptedError) return { kind: 'nothing-done', code: error.code };
      throw error;
    }
  };

function answerOfOutcome(outcome: Outcome): Answer {
  switch (outcome.outcome) {
    case 'posted': {
      const { transaction_id: id, balance_before, balance_after } = outcome.transaction;
      const [before, after] = [minorOf(balance_before), minorOf(balance_after)];
      return { kind: 'told', replayed: outcome.replayed, told: { outcome: 'posted', id, before, after } };
    }
    case 'rejected': {
      const { code, replayed, transaction } = outcome;
      if (transaction === null) return { kind: 'key-reused' };
      return { kind: 'told', replayed, told: { outcome: 'rejected', id: transaction.transaction_id, code } };
    }
    case 'expired':
      return { kind: 'nothing-done', code: 'EXPIRED' };
    case 'dead-letter':
      return { kind: 'wrong', text: `became a dead letter: ${outcome.reason}: ${outcome.detail}` };
  }
}
