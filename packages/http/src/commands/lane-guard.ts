interface Lane {
  /** When each unanswered command was sent, oldest first. */
  readonly sentAtMs: Map<number, number>;
}

interface LaneGuardOptions {
  readonly lanes: number;
  /** Age of the oldest unanswered command above which a lane counts as stuck. */
  readonly lagLimitMs: number;
  /** Commands that a stuck lane still gets at a time, to find out when it moves again. */
  readonly probes: number;
}

/**
 * Watches how long each lane leaves commands unanswered, as this process sees it, and refuses new ones on a lane that
 * lags, before anything is published.
 */
export class LaneGuard {
  readonly #options: LaneGuardOptions;
  readonly #lanes: Lane[];
  #next = 0;

  constructor(options: LaneGuardOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: options.lanes }, () => ({ sentAtMs: new Map() }));
  }

  admits(lane: number, nowMs: number): boolean {
    const { sentAtMs } = this.#lanes[lane]!;
    return sentAtMs.size < this.#options.probes || this.lagMs(lane, nowMs) <= this.#options.lagLimitMs;
  }

  /** Notes a command as sent; hand the ticket back to `answered`, whatever became of it. */
  sent(lane: number, nowMs: number): number {
    const ticket = this.#next++;
    this.#lanes[lane]!.sentAtMs.set(ticket, nowMs);
    return ticket;
  }

  answered(lane: number, ticket: number): void {
    this.#lanes[lane]!.sentAtMs.delete(ticket);
  }

  lagMs(lane: number, nowMs: number): number {
    for (const sentAtMs of this.#lanes[lane]!.sentAtMs.values()) return nowMs - sentAtMs;
    return 0;
  }

  worstLagMs(nowMs: number): number {
    let worst = 0;
    for (let lane = 0; lane < this.#lanes.length; lane++) worst = Math.max(worst, this.lagMs(lane, nowMs));
    return worst;
  }
}
