import { LedgerClient } from '@b2b-charge/client';
import { createSubjects } from '@b2b-charge/contracts';
import type { Fleet } from '@b2b-charge/stack';
import type { Random } from '../../../services/ledger/simulator/random.ts';
import { BackOffice } from './back-office.ts';
import { Book, type Claim } from './book.ts';
import { ask } from './http.ts';
import { runTill, type TillOptions } from './till.ts';
import { LONGEST_NATS_DEADLINE_MS, overHttp, overNats, type Shop } from './ways.ts';

export interface Load extends AsyncDisposable {
  readonly book: Book;
  readonly shops: readonly Shop[];
  readonly office: BackOffice;
  /** After so long nothing that a client has sent can still be executed. */
  readonly longestDeadlineMs: number;
  run(until: AbortSignal): Promise<void>;
  summary(): string;
}

interface LoadOptions {
  readonly fleet: Fleet;
  readonly random: Random;
  /** Of the gateway. */
  readonly deadlineMs: number;
  /** Commands a second, about: as many tills, and as much credit, as it takes. */
  readonly rate?: number | undefined;
  /** No credits and reversals while it sells. */
  readonly withoutOffice?: boolean | undefined;
}

const SHOPS = 9;
const HTTP_TILLS = 10;
const NATS_TILLS = 5;
const PACE_MS = 60;
/** Posted charges kept for reversal. */
const RECENT = 50;
const FIRST_CREDIT = 1_000_000n;
/** Enough for hours of a steady rate. */
const LASTING_CREDIT = 1_000_000_000n;
/** What a sale itself takes on a machine that is not full, ms. */
const SALE_MS = 20;
/** Of a till at a steady rate: few enough to be far from what it can do. */
const SALES_PER_TILL = 8;
/** The last shop may sell for so much a day. */
const DAILY_LIMIT = '20000.00';
const LANES = 16;

/** Opens shops with credit, and the tills that sell in them. */
export async function startLoad({
  fleet,
  random,
  deadlineMs,
  rate,
  withoutOffice = false,
}: LoadOptions): Promise<Load> {
  await using stack = new AsyncDisposableStack();
  const urls = { gatewayUrl: fleet.of('gateway')[0]!.url, backofficeUrl: fleet.of('backoffice')[0]!.url };
  const adminToken = fleet.secrets.admin.token;
  const book = new Book();
  const recent: Claim[] = [];
  const shops: Shop[] = [];
  for (let index = 0; index < SHOPS; index++)
    shops.push(await openShop(urls.backofficeUrl, adminToken, index));
  const office = new BackOffice({ ...urls, adminToken, book, shops, random: random.fork(), recent });
  // All but the first get credit to begin with.
  for (const [index, shop] of shops.slice(1).entries()) {
    await office.grant(shop, {
      key: `first-${index}`,
      amount: rate === undefined ? FIRST_CREDIT : LASTING_CREDIT,
      until: new AbortController().signal,
    });
  }
  const nc = await fleet.connect('gateway');
  stack.defer(() => nc.close());
  const client = stack.use(
    new LedgerClient({ nc, subjects: createSubjects(), source: 'gateway', clientId: 'tills', lanes: LANES }),
  );
  const [http, nats] = [overHttp(urls.gatewayUrl), overNats(client)];
  const { httpTills, natsTills, paceMs } = tillsFor(rate);
  const common = {
    book,
    shops,
    paceMs,
    posted: (claim: Claim) => {
      recent.push(claim);
      if (recent.length > RECENT) recent.shift();
    },
  };
  const tills: TillOptions[] = [
    ...Array.from({ length: httpTills }, (_, index) => ({
      ...common,
      name: `http-${index}`,
      random: random.fork(),
      sell: http,
      otherwise: nats,
    })),
    ...Array.from({ length: natsTills }, (_, index) => ({
      ...common,
      name: `nats-${index}`,
      random: random.fork(),
      sell: nats,
      otherwise: http,
    })),
  ];
  const disposal = stack.move();
  return {
    book,
    shops,
    office,
    longestDeadlineMs: Math.max(deadlineMs, LONGEST_NATS_DEADLINE_MS),
    run: async (until) => {
      book.timeWaits(true);
      const running = tills.map((till) => runTill(till, until));
      await Promise.all(withoutOffice ? running : [...running, office.run(until)]);
      book.timeWaits(false);
    },
    summary: () => summaryOf(book),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

/** Two thirds sell over HTTP. */
function tillsFor(rate: number | undefined) {
  if (rate === undefined) return { httpTills: HTTP_TILLS, natsTills: NATS_TILLS, paceMs: PACE_MS };
  const tills = Math.max(2, Math.ceil(rate / SALES_PER_TILL));
  const natsTills = Math.ceil(tills / 3);
  // Pauses are even from none to the longest.
  const paceMs = Math.max(1, Math.round(2 * ((tills * 1_000) / rate - SALE_MS)));
  return { httpTills: tills - natsTills, natsTills, paceMs };
}

async function openShop(backofficeUrl: string, token: string, index: number): Promise<Shop> {
  const post = async (path: string, body: unknown) => {
    const answer = await ask(backofficeUrl, { method: 'POST', path, token, body, timeoutMs: 10_000 });
    if (answer?.status !== 201)
      throw new Error(`${path} answered ${answer?.status} ${JSON.stringify(answer?.body)}`);
    return answer.body.data;
  };
  const limit = index === SHOPS - 1 ? { daily_limit: DAILY_LIMIT } : {};
  const { vendor_id } = await post('/api/admin/vendors/', { name: `Shop ${index + 1}`, ...limit });
  const issued = await post(`/api/admin/vendors/${vendor_id}/tokens/`, { name: 'till' });
  return { vendorId: vendor_id, token: issued.token };
}

function summaryOf({ claims, attempts, answers }: Book): string {
  const sum = (name: RegExp) =>
    [...answers].reduce((total, [key, count]) => total + (name.test(key) ? count : 0), 0);
  return (
    `${claims.length} commands sent ${attempts} times: ${sum(/^posted/)} posted, ${sum(/^[A-Z]/)} rejected, ` +
    `${sum(/^nothing/)} not done, ${sum(/^in doubt/)} in doubt`
  );
}
