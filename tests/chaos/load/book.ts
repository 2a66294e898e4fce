/** A command that a client wants executed once: what it sent, and what it was told. */
export interface Claim {
  readonly kind: 'charge' | 'reversal' | 'credit';
  readonly vendorId: number;
  /** As the ledger knows it. */
  readonly messageId: string;
  /** In minor units; zero for a reversal, which has that of its charge. */
  readonly amount: bigint;
  readonly phone: string | null;
  readonly reversalOf: string | null;
  readonly openedAtMs: number;
  /** The outcome, once a client was told it. */
  told: Told | null;
  /** Attempts under way, and attempts that ended without an answer. */
  underWay: number;
  inDoubt: number;
  /** The last attempt was answered "nothing was done", and no earlier one is in doubt. */
  denied: boolean;
}

export type Told =
  /** The balances are null where the answer does not name them. */
  | {
      readonly outcome: 'posted';
      readonly id: string;
      readonly before: bigint | null;
      readonly after: bigint | null;
    }
  /** The id is null where the answer does not name it. */
  | { readonly outcome: 'rejected'; readonly id: string | null; readonly code: string };

/** What became of one attempt. */
export type Answer =
  | { readonly kind: 'told'; readonly told: Told; readonly replayed: boolean }
  | { readonly kind: 'key-reused' }
  /** This attempt did nothing and will do nothing. */
  | { readonly kind: 'nothing-done'; readonly code: string }
  /** No answer, or none that says what became of it. */
  | { readonly kind: 'doubt'; readonly code: string }
  /** An answer that must not be given. */
  | { readonly kind: 'wrong'; readonly text: string };

/** The clients' own record: everything that they sent and were told. */
export class Book {
  readonly claims: Claim[] = [];
  readonly answers = new Map<string, number>();
  /** What contradicts what a client was told before, or must not be answered at all. */
  readonly contradictions: string[] = [];
  attempts = 0;
  longestWaitMs = 0;
  longestSilenceMs = 0;
  /** Told of every attempt and how long it took. */
  attempted: ((answer: Answer, ms: number) => void) | null = null;
  #lastOutcomeAtMs: number | null = null;

  open(intent: Pick<Claim, 'kind' | 'vendorId' | 'messageId' | 'amount' | 'phone' | 'reversalOf'>): Claim {
    const claim: Claim = {
      ...intent,
      openedAtMs: Date.now(),
      told: null,
      underWay: 0,
      inDoubt: 0,
      denied: false,
    };
    this.claims.push(claim);
    return claim;
  }

  /** Waits and silences are timed while the clients sell, not while doubts are settled. */
  timeWaits(on: boolean): void {
    this.#lastOutcomeAtMs = on ? Date.now() : null;
  }

  /** Makes an attempt and notes its answer. */
  async attempt(claim: Claim, send: () => Promise<Answer>): Promise<Answer> {
    this.attempts++;
    claim.underWay++;
    claim.denied = false;
    const wasKnown = claim.told !== null;
    const startedAt = performance.now();
    const answer = await send();
    this.attempted?.(answer, performance.now() - startedAt);
    claim.underWay--;
    this.#note(claim, answer);
    // A key that has its outcome never expires: the repeat gets that outcome, however late it comes.
    if (wasKnown && answer.kind === 'nothing-done' && answer.code === 'EXPIRED')
      this.#contradict(claim, 'was told its outcome, and then EXPIRED');
    return answer;
  }

  /** Another command under a key whose outcome is known: it must be refused. */
  async conflict(claim: Claim, send: () => Promise<Answer>): Promise<void> {
    this.attempts++;
    const answer = await send();
    this.#count(answer);
    if (answer.kind === 'told')
      this.#contradict(claim, `another command under its key was told ${say(answer.told)}`);
    if (answer.kind === 'wrong') this.#contradict(claim, answer.text);
  }

  tell(claim: Claim, told: Told): void {
    const now = Date.now();
    if (this.#lastOutcomeAtMs !== null) {
      this.longestSilenceMs = Math.max(this.longestSilenceMs, now - this.#lastOutcomeAtMs);
      this.#lastOutcomeAtMs = now;
    }
    if (claim.told === null) {
      claim.told = told;
      if (this.#lastOutcomeAtMs !== null)
        this.longestWaitMs = Math.max(this.longestWaitMs, now - claim.openedAtMs);
    } else if (!same(claim.told, told)) {
      this.#contradict(claim, `was told ${say(claim.told)}, then ${say(told)}`);
    }
  }

  #note(claim: Claim, answer: Answer): void {
    this.#count(answer);
    if (answer.kind === 'told') this.tell(claim, answer.told);
    if (answer.kind === 'doubt' || answer.kind === 'wrong') claim.inDoubt++;
    if (answer.kind === 'wrong') this.#contradict(claim, answer.text);
    if (answer.kind === 'key-reused') this.#contradict(claim, 'its own key was refused to it');
    if (answer.kind === 'nothing-done') claim.denied = claim.underWay === 0 && claim.inDoubt === 0;
  }

  #count(answer: Answer): void {
    const name = nameOf(answer);
    this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
  }

  #contradict({ vendorId, messageId }: Claim, text: string): void {
    this.contradictions.push(`vendor ${vendorId}, key ${messageId}: ${text}`);
  }
}

function nameOf(answer: Answer): string {
  switch (answer.kind) {
    case 'told':
      return `${answer.told.outcome === 'posted' ? 'posted' : answer.told.code}${answer.replayed ? ' (replayed)' : ''}`;
    case 'key-reused':
      return 'IDEMPOTENCY_KEY_REUSED';
    case 'nothing-done':
      return `nothing done: ${answer.code}`;
    case 'doubt':
      return `in doubt: ${answer.code}`;
    case 'wrong':
      return 'wrong';
  }
}

const say = (told: Told): string =>
  told.outcome === 'posted' ? `posted ${told.id}` : `rejected ${told.code} ${told.id ?? ''}`.trimEnd();

function same(a: Told, b: Told): boolean {
  if (a.outcome === 'posted') {
    return b.outcome === 'posted' && a.id === b.id && a.before === b.before && a.after === b.after;
  }
  return b.outcome === 'rejected' && a.code === b.code && (a.id === null || b.id === null || a.id === b.id);
}
