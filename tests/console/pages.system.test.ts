import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pages } from '../../services/gateway/src/console/pages/index.ts';
import { examplesOf } from './examples.ts';
import { type ConsoleSystem, signIn, startBrowser, startConsole, type TestBrowser } from './system.ts';
import { makeTraffic } from './traffic.ts';

/** Every page, with something on it, as people with different eyes, devices and languages meet it. */
let system: ConsoleSystem;
let browser: TestBrowser;
let examples: Map<string, string>;
let admin: Exclude<BrowserContextOptions['storageState'], string | undefined>;

const signedIn = (options: BrowserContextOptions = {}) => browser.page({ ...options, storageState: admin });

beforeAll(async () => {
  system = await startConsole();
  const { playground, adminToken, gatewayUrl } = system.base;
  const { nc, subjects } = playground;
  const things = await makeTraffic({
    gateway: gatewayUrl,
    adminToken,
    nc,
    subjects,
    lanes: 16,
    sales: 60,
    sql: playground.sql,
  });
  examples = examplesOf(things);
  browser = await startBrowser(system.url);
  const page = await browser.page();
  await signIn(page, 'admin');
  admin = await page.context().storageState();
}, 300_000);
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await system?.[Symbol.asyncDispose]();
});

/** Opens every page in turn; what the browser complains about (a blocked script, a missing file) is an error. */
async function visit(page: Page, look: (id: string) => Promise<void>): Promise<void> {
  const complaints: string[] = [];
  page.on('console', (line) => line.type() === 'error' && complaints.push(`${page.url()}: ${line.text()}`));
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  for (const [id, address] of examples) {
    const answer = await page.goto(address);
    expect(answer?.status(), address).toBe(200);
    await look(id);
  }
  expect(complaints).toEqual([]);
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: { html: string; failureSummary: string }[];
}

async function violations(page: Page, rules?: readonly string[]): Promise<unknown[]> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe.source);
  const only = rules ? { runOnly: { type: 'rule', values: rules } } : {};
  const { violations: found } = await page.evaluate<{ violations: Violation[] }>(
    `axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], ...only })})`,
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => ({ page: page.url(), id, nodes: nodes.slice(0, 3) }));
}

test('axe finds nothing serious on any page, in light or dark colours', async () => {
  // Colours that are still changing belong to neither.
  const page = await signedIn({ reducedMotion: 'reduce' });
  const found: unknown[] = [];
  await visit(page, async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    found.push(...(await violations(page)));
    await page.emulateMedia({ colorScheme: 'dark' });
    found.push(...(await violations(page, ['color-contrast'])));
  });
  expect(found).toEqual([]);
}, 90_000);

test('axe would find it', async () => {
  const page = await signedIn();
  await page.goto('/admin/');
  await page.evaluate(`document.querySelector('h1').insertAdjacentHTML('afterend', '<input id="nameless">')`);
  expect(await violations(page)).toMatchObject([{ id: 'label' }]);
});

interface Contents {
  readonly headings: readonly string[];
  readonly rows: number;
  readonly forms: number;
}

const contentsOf = async (page: Page): Promise<Contents> => ({
  headings: await page.locator('h1, h2').allTextContents(),
  rows: await page.locator('.table tbody tr').count(),
  forms: await page.locator('form').count(),
});

test('a phone shows every page without scrolling sideways, and without a script it says the same', async () => {
  const page = await signedIn({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
  const tooWide: string[] = [];
  const scripted = new Map<string, Contents>();
  await visit(page, async (id) => {
    const width = await page.evaluate('document.documentElement.scrollWidth');
    if (Number(width) > 360) tooWide.push(`${id}: ${width}`);
    scripted.set(id, await contentsOf(page));
  });
  expect(tooWide).toEqual([]);
  expect([...scripted.keys()]).toEqual([...examples.keys()]);
  const plain = await signedIn({ javaScriptEnabled: false });
  await visit(plain, async (id) => expect(await contentsOf(plain), id).toEqual(scripted.get(id)));
}, 60_000);

test('in Persian every page reads from right to left, and nothing of it is English', async () => {
  const page = await signedIn({ locale: 'fa-IR' });
  const headings: string[] = [];
  const english: string[] = [];
  await visit(page, async () => {
    expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
    headings.push((await page.locator('h1').textContent())!);
    const frame = page.locator('nav.menu a, main label, main th[scope=col], main button');
    english.push(
      ...(await frame.allTextContents()).filter((text) => /[a-z]{3}/i.test(text) && !/[آ-ی]/.test(text)),
    );
  });
  expect(headings).toContain('امروز');
  expect(english).toEqual([]);
}, 60_000);

describe('the first page', () => {
  test('adds up to what was sold, refused and asked for', async () => {
    const page = await browser.page();
    await signIn(page, 'auditor');
    const { rows } = await system.base.playground.sql(
      `SELECT count(*) FILTER (WHERE status = 'posted')::int AS sold,
         sum(amount) FILTER (WHERE status = 'posted') / 100 AS amount,
         count(*) FILTER (WHERE status = 'rejected')::int AS refused
       FROM ledger.transactions WHERE type = 'charge'`,
    );
    const { sold, amount, refused } = rows[0];
    const text = (await page.locator('.stats').textContent())!.replaceAll(/\s+/g, ' ');
    expect(text).toContain(`${Number(amount).toLocaleString('en')} Toman`);
    expect(text).toContain(`${sold} sales`);
    expect(text).toContain(`${refused} of ${sold + refused}`);
    expect(text).toContain('16 of 16 lanes are served');
    expect(text).toContain('3,750,000 Toman asked for');
    expect(text).toContain('verified');
    const best = page.locator('ol.bars li').first();
    const top = await system.base.playground.sql(
      'SELECT name FROM ledger.vendors ORDER BY charged_today DESC LIMIT 1',
    );
    expect(await best.textContent()).toContain(top.rows[0].name);
  });

  test('has the figures of its chart as a table, too', async () => {
    const page = await browser.page();
    await signIn(page, 'auditor');
    await page.getByText('The figures').first().click();
    expect(await page.getByRole('table', { name: 'Sales by hour' }).getByRole('row').count()).toBe(25);
  });
});

test('a menu has only what its reader may open', async () => {
  for (const role of ['approver', 'auditor'] as const) {
    const page = await browser.page();
    await signIn(page, role);
    const links = await page
      .locator('nav.menu a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    const open = pages.filter(({ menu, access }) => menu && access !== 'public' && access.includes(role));
    expect(links.toSorted()).toEqual(open.map(({ path }) => path).toSorted());
  }
});
