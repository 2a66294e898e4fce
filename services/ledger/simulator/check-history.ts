import type { VendorId } from '@b2b-charge/contracts';
import type { Command } from '../src/domain/command.ts';
import type { Decision } from '../src/domain/decide.ts';
import { PaperLedger } from './given.ts';
import { Author, commandOf, type Move } from './history.ts';
import { brokenBy } from './invariants.ts';
import { Model, type Wish } from './model.ts';

interface Step {
  readonly command: Command;
  readonly at: number;
  readonly cut: boolean;
}

/** What is wrong with a history: nothing. One command at a time against the model, then in other batches. */
export function faultsOf(history: readonly Move[]): string[] {
  const trial = run(history);
  const whole = replay(trial.steps, (step, previous) => step.at !== previous.at);
  const cut = replay(trial.steps, (step, previous) => step.at !== previous.at || previous.cut);
  return [
    ...trial.faults,
    ...(whole === trial.told ? [] : ['batches as large as can be tell something else']),
    ...(cut === trial.told ? [] : ['batches cut at random tell something else']),
  ];
}

/** What a history was told, in the model's words. */
export const sayingsOf = (history: readonly Move[]): string[] => run(history).sayings;

function run(history: readonly Move[]): Trial {
  const trial = new Trial();
  for (const [index, move] of history.entries()) trial.step(move, index + 1);
  return trial;
}

/** A history, command by command, on the ledger and on the model. */
class Trial {
  readonly faults: string[] = [];
  readonly steps: Step[] = [];
  readonly sayings: string[] = [];
  told = '';
  readonly #author = new Author();
  readonly #ledger = new PaperLedger();
  readonly #model = new Model();

  step(move: Move, place: number): void {
    const wish = this.#author.next(move);
    const { now } = this.#author;
    const command = commandOf(wish, place);
    this.steps.push({ command, at: now, cut: move.cut });
    this.#ledger.now = now;
    const before = this.#ledger.books.chains.get(command.vendorId)?.at(-1);
    const decision = this.#ledger.batch(command)[0]!;
    const said = inTheModelsWords(decision);
    const expected = this.#model.execute(wish, now);
    this.told += `${tellOf(decision)}\n`;
    this.sayings.push(said);
    if (said !== expected) this.faults.push(`step ${place}: said "${said}", should say "${expected}"`);
    if (decision.kind === 'recorded') this.#recorded(wish, decision, before);
    this.#compareCopies(wish, place);
  }

  #recorded(
    { vendor }: Wish,
    { transaction }: Extract<Decision, { kind: 'recorded' }>,
    before: Parameters<typeof brokenBy>[1],
  ): void {
    // Whoever changes a written transaction now, throws.
    Object.freeze(transaction);
    const { id, type, status } = transaction;
    this.#author.recorded(vendor, id, type === 'charge' && status === 'posted');
    this.#model.named(vendor, id);
    this.faults.push(...brokenBy(transaction, before));
  }

  #compareCopies({ vendor }: Wish, place: number): void {
    const state = this.#ledger.state(vendor as VendorId);
    if (!state) return;
    const head = this.#ledger.books.chains.get(state.vendorId)!.at(-1)!;
    if (state.balance !== head.balanceAfter || state.headHash !== head.hash)
      this.faults.push(`step ${place}: the vendor is not where its chain ends`);
    if (state.chargedToday !== this.#model.sold(vendor))
      this.faults.push(`step ${place}: counts ${state.chargedToday}, sold ${this.#model.sold(vendor)}`);
  }
}

function inTheModelsWords(decision: Decision): string {
  switch (decision.kind) {
    case 'recorded':
    case 'replayed': {
      const { reason, balanceAfter } = decision.transaction;
      const verdict = reason ? `rejected ${reason}` : `posted ${balanceAfter}`;
      return decision.kind === 'recorded' ? verdict : `again ${verdict}`;
    }
    case 'key-reused':
      return 'key reused';
    case 'expired':
      return 'expired';
    case 'dead':
      return 'no vendor';
  }
}

/** A decision down to its hash. */
const tellOf = (decision: Decision): string => {
  const row =
    decision.kind === 'key-reused' ? decision.first : 'transaction' in decision && decision.transaction;
  return `${decision.kind} ${row ? row.hash : ''}`;
};

/** The same commands at the same times in other batches: what is told, and what is stored at the end. */
function replay(steps: readonly Step[], endsBefore: (step: Step, previous: Step) => boolean): string {
  const ledger = new PaperLedger();
  let told = '';
  let batch: Step[] = [];
  const flush = () => {
    if (batch.length === 0) return;
    ledger.now = batch[0]!.at;
    for (const decision of ledger.batch(...batch.map(({ command }) => command)))
      told += `${tellOf(decision)}\n`;
    batch = [];
  };
  for (const step of steps) {
    const previous = batch.at(-1);
    if (previous && endsBefore(step, previous)) flush();
    batch.push(step);
  }
  flush();
  return told;
}
