import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSubjects } from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import { findChromium, freePort, type StackFile, serverSources, startGuardian } from '@b2b-charge/stack';
import pg from 'pg';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launch } from './browser.ts';
import { examplesOf } from './examples.ts';
import { makeTraffic, type Things } from './traffic.ts';

const HELP = `npm run screenshots [-- PAGE…]: takes a picture of every page of the console into docs/screenshots.

Starts a stack of its own with a little traffic. PAGE names pages by their ids; without any, all are taken.`;

const ROOT = path.resolve(import.meta.dirname, '../..');
const FOLDER = path.join(ROOT, 'docs/screenshots');
const MAX_BYTES = 150_000;
const START_TIMEOUT_MS = 120_000;
const SALES = 240;
const SCREENS = [4 / 3, 1, 2 / 3];

const DESKTOP = { viewport: { width: 1280, height: 860 } };
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1, isMobile: true, hasTouch: true };
/** Beside the light one of every page. */
const VARIANTS: Readonly<Record<string, { pages: readonly string[]; options: BrowserContextOptions }>> = {
  dark: { pages: ['home', 'vendor', 'vendors'], options: { ...DESKTOP, colorScheme: 'dark' } },
  fa: { pages: ['home', 'vendor', 'credits', 'vendors'], options: { ...DESKTOP, locale: 'fa-IR' } },
  phone: { pages: ['home', 'vendor', 'vendors', 'credits'], options: PHONE },
};

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(HELP);
  const wanted = process.argv.slice(2);
  await using stack = new AsyncDisposableStack();
  const guardian = startGuardian();
  stack.defer(() => guardian.close());
  const local = mkdtempSync(path.join(tmpdir(), 'screenshots-'));
  chmodSync(local, 0o711);
  guardian.removeAtEnd(local);
  const { file } = stack.adopt(await startStack(local), ({ child }) => stopStack(child));
  const nc = stack.adopt(
    await connectNats({ user: 'operator', url: file.nats, nkeySeed: file.operator.NATS_NKEY_SEED }),
    (connection) => connection.close(),
  );
  const owner = new pg.Client({ connectionString: file.postgres });
  await owner.connect();
  stack.defer(() => owner.end());
  const sql = (text: string, values: unknown[]) => owner.query(text, values);
  const traffic = {
    sql,
    gateway: file.gateway,
    backoffice: file.backoffice,
    adminToken: file.admin.token,
    nc,
    subjects: createSubjects(),
  };
  const things = await makeTraffic({ ...traffic, lanes: 16, sales: SALES });
  const found = await findChromium({ sources: serverSources(process.env), guardian }, process.env);
  const browser = stack.adopt(await launch(found), (started) => started.close());
  mkdirSync(FOLDER, { recursive: true });
  const isWanted = (id: string) => wanted.length === 0 || wanted.includes(id);
  await takeAll(browser, file, things, { name: '', options: DESKTOP, isWanted });
  for (const [name, { pages, options }] of Object.entries(VARIANTS)) {
    const chosen = (id: string) => pages.includes(id) && isWanted(id);
    await takeAll(browser, file, things, { name: `-${name}`, options, isWanted: chosen });
  }
}

interface Take {
  readonly name: string;
  readonly options: BrowserContextOptions;
  isWanted(id: string): boolean;
}

async function takeAll(browser: Browser, file: StackFile, things: Things, take: Take): Promise<void> {
  const context = await browser.newContext({ baseURL: file.backoffice, locale: 'en-GB', ...take.options });
  const page = await context.newPage();
  for (const [id, address] of examplesOf(things)) {
    if (!take.isWanted(id)) continue;
    if (id !== 'sign-in') await signInAsAdmin(page, file);
    await page.goto(address);
    await shoot(page, `${id}${take.name}`);
  }
  await context.close();
}

async function signInAsAdmin(page: Page, { admin }: StackFile): Promise<void> {
  await page.goto('/admin/sign-in/');
  if (!page.url().includes('sign-in')) return;
  await page.locator('[name=username]').fill(admin.username);
  await page.locator('[name=password]').fill(admin.password);
  await page.locator('main button').click();
}

/** Of a long page its beginning, as much as keeps the file small. */
async function shoot(page: Page, name: string): Promise<void> {
  const file = path.join(FOLDER, `${name}.png`);
  const height = Number(await page.evaluate('document.documentElement.scrollHeight'));
  const { width, height: screen } = page.viewportSize()!;
  for (const screens of SCREENS) {
    const clip = { x: 0, y: 0, width, height: Math.min(height, Math.round(screens * screen)) };
    await page.screenshot({ path: file, fullPage: true, clip });
    const { size } = statSync(file);
    if (size > MAX_BYTES) continue;
    return console.log(`${name}.png  ${Math.round(size / 1024)} kB`);
  }
  throw new Error(`${file} is larger than ${MAX_BYTES} bytes`);
}

/** A local stack with data of its own, on a port of its own. */
async function startStack(local: string): Promise<{ child: ChildProcess; file: StackFile }> {
  const { DATABASE_URL, NATS_URL, REDIS_URL, ...environment } = process.env;
  const args = ['--no-demo-vendors', '--port', String(await freePort())];
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts/start.ts'), ...args], {
    env: { ...environment, LOCAL_DIR: local },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const deadline = setTimeout(() => child.kill('SIGTERM'), START_TIMEOUT_MS);
  let text = '';
  for await (const chunk of child.stdout!.setEncoding('utf8')) {
    text += chunk;
    if (text.includes('Ctrl-C stops everything')) break;
  }
  clearTimeout(deadline);
  child.stdout!.resume();
  const file = JSON.parse(readFileSync(path.join(local, 'stack.json'), 'utf8')) as StackFile;
  return { child, file };
}

function stopStack(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

await main();
