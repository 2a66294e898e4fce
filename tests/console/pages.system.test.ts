import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pages } from '../../services/backoffice/src/console/pages/index.ts';
import { signIn, startBrowser, type TestBrowser } from './browser.ts';
import { examplesOf } from './examples.ts';
import { type ConsoleSystem, startConsole } from './system.ts';
import { makeTraffic } from './traffic.ts';
import { ConsoleUser } from './user.ts';

/** Every page, with something on it, as people with different eyes, devices and languages meet it. */
let system: ConsoleSystem;
let browser: TestBrowser;
let examples: Map<string, string>;
let admin: Exclude<BrowserContextOptions['storageState'], string | undefined>;

const signedIn = (options: BrowserContextOptions = {}) => browser.page({ ...options, storageState: admin });

beforeAll(async () => {
  system = await startConsole();
  const { playground, adminToken, gatewayUrl, backofficeUrl } = system.base;
  const { nc, subjects } = playground;
  const things = await makeTraffic({
    gateway: gatewayUrl,
    backoffice: backofficeUrl,
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

interface Contents {
  readonly headings: readonly string[];
  readonly rows: number;
  readonly forms: number;
}

const contentsOf = (page: Page): Promise<Contents> =>
  page.evaluate(`({
    headings: [...document.querySelectorAll('h1, h2')].map(({ textContent }) => textContent.trim()),
    rows: document.querySelectorAll('.table tbody tr').length,
    forms: document.forms.length,
  })`);

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 720 };

test('every page suits all eyes and a phone, and says without a script what it says with one', async () => {
  // Colours that are still changing belong to neither scheme.
  const page = await signedIn({ reducedMotion: 'reduce', isMobile: true, hasTouch: true });
  const plain = await ConsoleUser.signedIn(system.url, 'admin');
  // What the browser complains about: a blocked script, a missing file.
  const complaints: string[] = [];
  page.on('console', (line) => line.type() === 'error' && complaints.push(`${page.url()}: ${line.text()}`));
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  for (const [id, address] of examples) {
    await page.setViewportSize(PHONE);
    const answer = await page.goto(address);
    expect(answer?.status(), address).toBe(200);
    const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
    if (width > PHONE.width) complaints.push(`${id} is ${width} wide on a phone`);
    await plain.open(address);
    expect(await contentsOf(page), id).toEqual({
      headings: plain.all('h1, h2').map(({ textContent }) => textContent.trim()),
      rows: plain.all('.table tbody tr').length,
      forms: plain.all('form').length,
    });
    await page.setViewportSize(DESK);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violations(page, ['color-contrast'])).toEqual([]);
  }
  expect(complaints).toEqual([]);
}, 300_000);

test('axe would find it', async () => {
  const page = await signedIn();
  await page.goto('/admin/');
  await page.evaluate(`document.querySelector('h1').insertAdjacentHTML('afterend', '<input id="nameless">')`);
  expect(await violations(page)).toMatchObject([{ id: 'label' }]);
});

test('in Persian every page reads from right to left, and nothing of it is English', async () => {
  const user = await ConsoleUser.signedIn(system.url, 'admin', { language: 'fa-IR' });
  const headings: string[] = [];
  const english: string[] = [];
  for (const address of examples.values()) {
    expect(await user.open(address), address).toBe(200);
    expect(user.document.documentElement.getAttribute('dir')).toBe('rtl');
    headings.push(user.title);
    const frame = user.all('nav.menu a, main label, main th[scope=col], main button');
    const texts = frame.map(({ textContent }) => textContent);
    english.push(...texts.filter((text) => /[a-z]{3}/i.test(text) && !/[آ-ی]/.test(text)));
  }
  expect(headings).toContain('امروز');
  expect(english).toEqual([]);
});

describe('the first page', () => {
  test('adds up to what was sold, refused and asked for', async () => {
    const user = await ConsoleUser.signedIn(system.url, 'auditor');
    await user.open('/admin/');
    const { rows } = await system.base.playground.sql(
      `SELECT count(*) FILTER (WHERE status = 'posted')::int AS sold,
         sum(amount) FILTER (WHERE status = 'posted') / 100 AS amount,
         count(*) FILTER (WHERE status = 'rejected')::int AS refused
       FROM ledger.transactions WHERE type = 'charge'`,
    );
    const { sold, amount, refused } = rows[0];
    const text = user.text('.stats');
    expect(text).toContain(`${Number(amount).toLocaleString('en')} Toman`);
    expect(text).toContain(`${sold} sales`);
    expect(text).toContain(`${refused} of ${sold + refused}`);
    expect(text).toContain('16 of 16 lanes are served');
    expect(text).toContain('3,750,000 Toman asked for');
    expect(text).toContain('verified');
    const [best] = user.all('ol.bars li');
    const top = await system.base.playground.sql(
      'SELECT name FROM ledger.vendors ORDER BY charged_today DESC LIMIT 1',
    );
    expect(best!.textContent).toContain(top.rows[0].name);
  });

  test('has the figures of its chart as a table, too', async () => {
    const page = await signedIn();
    await page.goto('/admin/');
    await page.getByText('The figures').first().click();
    expect(await page.getByRole('table', { name: 'Sales by hour' }).getByRole('row').count()).toBe(25);
  });
});

test('a menu has only what its reader may open', async () => {
  for (const role of ['approver', 'auditor'] as const) {
    const user = await ConsoleUser.signedIn(system.url, role);
    await user.open('/admin/');
    const links = user.all('nav.menu a').map((one) => one.getAttribute('href'));
    const open = pages.filter(({ menu, access }) => menu && access !== 'public' && access.includes(role));
    expect(links.toSorted()).toEqual(open.map(({ path }) => path).toSorted());
  }
});
