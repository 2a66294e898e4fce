import { hash } from 'node:crypto';
import {
  type CommandRequest,
  contentType,
  HEADERS,
  isoTime,
  laneOf,
  type Outcome,
  schemaNameOf,
} from '@b2b-charge/contracts';
import { askByKey } from './ask-by-key.ts';
import { type Database, PUBLICATION } from './database.ts';
import type { Errand } from './errands.ts';
import { SUBJECTS } from './fleet.ts';
import type { Publication, Stream } from './stream.ts';
import type { Machine, World } from './world.ts';

/** One sending of an errand's command. */
export interface Sending extends Publication {
  readonly errand: Errand;
  readonly request: CommandRequest;
  readonly expiresAtMs: number | null;
}

/** What a caller was told, by a reply or when it asked. */
export interface Told {
  readonly sending: Sending;
  readonly outcome: Outcome | 'never executed';
  readonly asked: boolean;
  readonly atMs: number;
}

const SOURCE = 'gateway';
const CLIENT = 'till';
/** Sendings of one errand before its caller gives up on the ledger. */
const ATTEMPTS = 50;
const encoder = new TextEncoder();

/** Those who want something: they send, wait, ask by their key, and send again under it until they know. */
export class Callers {
  readonly sendings = new Map<string, Sending>();
  readonly told: Told[] = [];
  /** Sendings that the network carried twice: two messages, of which a dead letter or an expiry ends one only. */
  readonly doubled = new Set<string>();
  /** Errands whose caller does not know yet. */
  readonly unsettled = new Set<Errand>();
  /** Messages on their way to the log. */
  underway = 0;
  readonly #world: World;
  readonly #stream: Stream;
  readonly #database: Database;
  readonly #machine: Machine = { name: 'callers', alive: true, frozenUntilMs: 0 };
  readonly #sold: string[] = [];
  /** Errands of which some sending, late or not, got an outcome. */
  readonly #settled = new Set<Errand>();
  readonly #awaited = new Map<string, (outcome: Outcome) => void>();

  constructor(world: World, stream: Stream, database: Database) {
    this.#world = world;
    this.#stream = stream;
    this.#database = database;
  }

  start(errands: readonly Errand[]): void {
    for (const errand of errands) {
      this.unsettled.add(errand);
      this.#world.after(errand.atMs, () => void this.#run(errand).then(() => this.unsettled.delete(errand)));
    }
  }

  /** A reply is on its way; it may be lost, and it may come after its caller has stopped waiting. */
  reply = (subject: string, outcome: Outcome): void => {
    const world = this.#world;
    if (!this.#stream.up || (world.faulty && world.random.chance(0.03))) return;
    world.after(world.latency(), () => {
      const sending = this.sendings.get(subject.split('.').at(-1)!);
      if (!sending) return;
      world.note(sending.name, 'is told', summaryOf(outcome));
      this.told.push({ sending, outcome, asked: false, atMs: world.now });
      if (outcome.outcome === 'posted' && outcome.transaction.type === 'charge')
        this.#sold.push(outcome.transaction.transaction_id);
      if (outcome.outcome !== 'expired') this.#settled.add(sending.errand);
      this.#awaited.get(sending.name)?.(outcome);
    });
  };

  async #run(errand: Errand): Promise<void> {
    const { random } = this.#world;
    const request = errand.request(this.#sold);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const sending = this.#send(errand, request, attempt);
      if (errand.forgets) return;
      const outcome = await this.#wait(sending, random.between(50, 900) * attempt);
      if (this.#settled.has(errand)) return;
      if (outcome && (outcome.outcome !== 'expired' || random.chance(0.5))) return;
      if (outcome || errand.spoilt) continue;
      const answer = await askByKey(this.#world, this.#database, sending);
      if (answer === null) continue;
      this.#world.note(sending.name, 'asks and hears', summaryOf(answer));
      this.told.push({ sending, outcome: answer, asked: true, atMs: this.#world.now });
      if (answer !== 'never executed' || random.chance(0.5)) return;
    }
    throw new Error(`${errand.name} never learnt its outcome`);
  }

  #wait({ name }: Sending, patienceMs: number): Promise<Outcome | null> {
    const { promise, resolve } = Promise.withResolvers<Outcome | null>();
    this.#awaited.set(name, resolve);
    this.#world.after(patienceMs, () => resolve(null), this.#machine);
    return promise;
  }

  #send(errand: Errand, request: CommandRequest, attempt: number): Sending {
    const { random, now } = this.#world;
    const name = `${errand.name}-${attempt}`;
    const expiresAtMs = errand.dueMs === null ? null : now + errand.dueMs;
    const sending = { name, errand, request, expiresAtMs, ...messageOf(errand, request, name, expiresAtMs) };
    this.sendings.set(name, sending);
    this.#world.note(
      name,
      'sends',
      request,
      'to vendor',
      errand.vendorId,
      'under',
      errand.key,
      errand.spoilt ?? '',
    );
    this.#carry(sending);
    if (this.#world.faulty && random.chance(0.04)) {
      this.doubled.add(name);
      this.#carry(sending);
    }
    return sending;
  }

  /** To the log, sooner or later or not at all. */
  #carry(sending: Sending): void {
    const { random, faulty } = this.#world;
    if (faulty && random.chance(0.03)) return;
    const delayMs = faulty && random.chance(0.03) ? random.between(300, 4_000) : this.#world.latency();
    this.underway++;
    this.#world.after(delayMs, () => {
      this.underway--;
      if (this.#stream.up) this.#stream.append(sending);
    });
  }
}

function messageOf(
  { vendorId, key, forgets, spoilt }: Errand,
  request: CommandRequest,
  name: string,
  expiresAtMs: number | null,
): Pick<Publication, 'subject' | 'headers' | 'payload'> {
  const { type, ...body } = saltedBy(name, request);
  const lanes = LANES;
  const lane = laneOf(vendorId, lanes);
  const place = spoilt === 'no lane' ? 4_711 : spoilt === 'wrong lane' ? (lane + 1) % lanes : lane;
  const schema = spoilt === 'no schema' ? 'charge.v9' : schemaNameOf(type);
  return {
    subject: SUBJECTS.command(place, SOURCE, vendorId),
    payload: encoder.encode(spoilt === 'no json' ? '{' : JSON.stringify(body)),
    headers: [
      [PUBLICATION, name],
      [HEADERS.contentType, contentType(schema)],
      [HEADERS.messageId, spoilt === 'no message id' ? '' : key],
      ...(forgets ? [] : ([[HEADERS.replyToken, `${CLIENT}.${name}`]] as const)),
      ...(expiresAtMs === null ? [] : ([[HEADERS.expiresAt, isoTime(expiresAtMs)]] as const)),
    ],
  };
}

/** Publishers give every copy of a charge a salt of its own; some send none. */
function saltedBy(name: string, request: CommandRequest): CommandRequest {
  const salt = hash('md5', name);
  const sends = request.type === 'charge' && !salt.startsWith('0');
  return sends ? { ...request, phone_salt: salt } : request;
}

export const LANES = 3;

const summaryOf = (outcome: Outcome | 'never executed'): string => {
  if (typeof outcome === 'string') return outcome;
  if (outcome.outcome === 'posted') return `posted ${outcome.transaction.transaction_id}`;
  return outcome.outcome === 'rejected' ? `rejected ${outcome.code}` : outcome.outcome;
};
