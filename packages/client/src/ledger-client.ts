import {
  contentType,
  HEADERS,
  inboxPrefix,
  isoTime,
  laneOf,
  type Outcome,
  schemaNameOf,
} from '@b2b-charge/contracts';
import { readyHeaders, secretInbox } from '@b2b-charge/runtime';
import type { Msg, Subscription } from '@nats-io/transport-node';
import { onConnectionEvent } from './connection-events.ts';
import { NotAcceptedError, PendingError } from './errors.ts';
import type { Following } from './follow-outcomes.ts';
import { type OnOutcomeOptions, onOutcome } from './on-outcome.ts';
import type { CommandMetrics, LedgerClientOptions, SendOptions } from './options.ts';
import { outcomeIn } from './outcome-in.ts';
import type { Pending, Publication } from './pending.ts';
import { answerIn } from './refusal.ts';
import { nextCopyAt, RESENDS_PER_SWEEP, scatter } from './resending.ts';
import { type Decided, type Sale, sell } from './sell.ts';
import { type BulkCommand, type BulkOptions, type BulkResult, sendAll } from './send-all.ts';
import { withPhoneSalt } from './with-phone-salt.ts';

const SWEEP_MS = 100;
/** Lookups started by one sweep, so that a silent ledger is not flooded with questions. */
const LOOKUPS_PER_SWEEP = 64;

/**
 * Publishes commands and waits for their outcomes: one subscription for all replies, one for all PubAcks. A reply that
 * got lost is made good by asking the ledger for the outcome bound to the message id; a command that the log has not
 * acknowledged, by publishing it again: exactly-once makes the repeat harmless.
 */
export class LedgerClient implements AsyncDisposable {
  readonly #options: Required<Omit<LedgerClientOptions, 'metrics'>>;
  readonly #metrics: CommandMetrics | undefined;
  readonly #pending = new Map<string, Pending>();
  readonly #ackInbox: string;
  readonly #subscriptions: Subscription[];
  readonly #sweeper: NodeJS.Timeout;
  readonly #unwatch: () => void;
  #next = 0;
  #closed = false;

  constructor(options: LedgerClientOptions) {
    this.#options = { maxInFlight: 4_096, lookupEveryMs: 1_000, resendAfterMs: 2_000, ...options };
    this.#metrics = options.metrics;
    this.#metrics?.watch(() => this.#pending.size);
    const { nc, subjects, source, clientId } = this.#options;
    this.#ackInbox = secretInbox(inboxPrefix(source));
    this.#subscriptions = [
      nc.subscribe(subjects.outcomesOf(source, clientId), {
        callback: (_error, message) => this.#onOutcome(message),
      }),
      nc.subscribe(`${this.#ackInbox}.*`, { callback: (_error, message) => this.#onAck(message) }),
    ];
    this.#sweeper = setInterval(() => this.#sweep(Date.now()), SWEEP_MS);
    // What was published while the connection was down is gone, and so are the replies.
    this.#unwatch = onConnectionEvent(nc, (type) => {
      if (type === 'reconnect') scatter(this.#pending.values(), Date.now());
    });
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  /** Resolves to the one outcome of the command. Rejects with NotAcceptedError or PendingError. */
  send(options: SendOptions): Promise<Outcome> {
    const { maxInFlight, lookupEveryMs, resendAfterMs } = this.#options;
    if (this.#closed) return Promise.reject(new NotAcceptedError('CLIENT_CLOSED', 'the client is closed'));
    if (this.#pending.size >= maxInFlight) {
      return Promise.reject(
        new NotAcceptedError('TOO_MANY_IN_FLIGHT', `${maxInFlight} commands await their outcome`),
      );
    }
    const { vendorId, messageId, principal, traceparent } = options;
    const command = withPhoneSalt(options.command);
    const token = (this.#next++).toString(36);
    const now = Date.now();
    const expiresAtMs = now + Math.max(options.deadlineMs, options.waitMs);
    try {
      this.#publish(token, { vendorId, messageId, command, expiresAtMs, principal, traceparent });
    } catch (cause) {
      return Promise.reject(
        new NotAcceptedError('LOG_UNAVAILABLE', 'the command log is out of reach', { cause }),
      );
    }
    return new Promise<Outcome>((resolve, reject) => {
      this.#pending.set(token, {
        vendorId,
        messageId,
        command,
        expiresAtMs,
        principal,
        traceparent,
        giveUpAtMs: now + options.waitMs,
        sentAt: performance.now(),
        lookupAtMs: now + lookupEveryMs,
        resendAtMs: now + resendAfterMs,
        copies: 1,
        accepted: false,
        resolve,
        reject,
      });
    });
  }

  /** Sells one charge; see sell. */
  sell(sale: Sale): Promise<Decided> {
    return sell(this, sale);
  }

  /** Sends many commands, a window of them at a time; see sendAll. */
  sendAll<C extends BulkCommand>(
    commands: Iterable<C> | AsyncIterable<C>,
    options?: BulkOptions,
  ): AsyncGenerator<BulkResult<C>, void, undefined> {
    return sendAll(this, commands, options);
  }

  /** Follows the outcomes at durable positions; see onOutcome. */
  onOutcome(options: Omit<OnOutcomeOptions, 'nc' | 'subjects' | 'system'>): Following {
    const { nc, subjects, source } = this.#options;
    return onOutcome({ nc, subjects, system: source, ...options });
  }

  /** Throws when the connection is closed for good. */
  #publish(
    token: string,
    { vendorId, messageId, command, expiresAtMs, principal, traceparent }: Publication,
  ): void {
    const { nc, subjects, source, clientId, lanes } = this.#options;
    const fields: [string, string][] = [
      [HEADERS.messageId, messageId],
      [HEADERS.replyToken, `${clientId}.${token}`],
      [HEADERS.expiresAt, isoTime(expiresAtMs)],
      [HEADERS.contentType, contentType(schemaNameOf(command.type))],
    ];
    if (principal) fields.push([HEADERS.principal, principal]);
    if (traceparent) fields.push([HEADERS.traceparent, traceparent]);
    const { type: _, ...body } = command;
    nc.publish(
      subjects.command(laneOf(vendorId, lanes), source, vendorId),
      Buffer.from(JSON.stringify(body)),
      { headers: readyHeaders(fields), reply: `${this.#ackInbox}.${token}` },
    );
  }

  #onOutcome(message: Msg): void {
    const token = message.subject.slice(message.subject.lastIndexOf('.') + 1);
    const pending = this.#pending.get(token);
    const outcome = pending && outcomeIn(message, pending);
    if (!outcome) return;
    this.#metrics?.outcome.observe((performance.now() - pending.sentAt) / 1_000);
    this.#take(token)?.resolve(outcome);
  }

  #onAck(message: Msg): void {
    const token = message.subject.slice(message.subject.lastIndexOf('.') + 1);
    const pending = this.#pending.get(token);
    if (!pending) return; // the outcome was faster
    const answer = answerIn(message, this.#options.subjects.streams.commands);
    if (answer === null) return;
    if (answer === 'stored') {
      pending.accepted = true;
      this.#metrics?.publish.observe((performance.now() - pending.sentAt) / 1_000);
    } else if (pending.copies === 1) this.#take(token)?.reject(answer);
    else pending.resendAtMs = nextCopyAt(pending, this.#options.resendAfterMs); // an earlier copy may be in the log
  }

  #take(token: string): Pending | undefined {
    const pending = this.#pending.get(token);
    this.#pending.delete(token);
    return pending;
  }

  #sweep(now: number): void {
    let lookups = 0;
    let resends = 0;
    for (const [token, pending] of this.#pending) {
      if (now >= pending.giveUpAtMs) {
        this.#pending.delete(token);
        pending.reject(new PendingError(pending));
        continue;
      }
      if (now >= pending.lookupAtMs && lookups < LOOKUPS_PER_SWEEP) {
        lookups++;
        pending.lookupAtMs = now + this.#options.lookupEveryMs;
        void this.#lookUp(token, pending);
      }
      if (!pending.accepted && now >= pending.resendAtMs && resends < RESENDS_PER_SWEEP) {
        resends++;
        this.#resend(token, pending);
      }
    }
  }

  #resend(token: string, pending: Pending): void {
    pending.copies++;
    pending.resendAtMs = nextCopyAt(pending, this.#options.resendAfterMs);
    try {
      this.#publish(token, pending);
    } catch {
      // Closed for good: the wait ends with PendingError.
    }
  }

  async #lookUp(token: string, { vendorId, messageId, command }: Pending): Promise<void> {
    const { nc, subjects, lookupEveryMs } = this.#options;
    this.#metrics?.lookedUp();
    const request = JSON.stringify({ vendor_id: vendorId, message_id: messageId, command });
    try {
      const subject = subjects.vendorCall('ledger.query.outcome', vendorId);
      const reply = await nc.request(subject, request, { timeout: lookupEveryMs });
      const answer = reply.json<{ ok: boolean; data?: { outcome: Outcome | null } }>();
      if (answer.ok && answer.data?.outcome) this.#take(token)?.resolve(answer.data.outcome);
    } catch {
      // The ledger is silent too; the next sweep asks again until the wait is over.
    }
  }

  /** Waits for what is in flight (each at most its own wait), then unsubscribes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    while (this.#pending.size > 0 && !this.#options.nc.isClosed()) {
      await new Promise((resolve) => setTimeout(resolve, SWEEP_MS / 4));
    }
    clearInterval(this.#sweeper);
    this.#unwatch();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }
}
