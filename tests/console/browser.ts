import { type Chromium, findChromium, serverSources, startGuardian } from '@b2b-charge/stack';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { PASSWORD } from './client.ts';

/** Longest wait for a page, an element, an answer. */
const PATIENCE_MS = 10_000;

export interface TestBrowser extends AsyncDisposable {
  /** A browser profile of its own: nobody is signed in. */
  page(options?: BrowserContextOptions): Promise<Page>;
}

/** Chromium: one on the machine, or Debian's, fetched. */
export async function startBrowser(url: string): Promise<TestBrowser> {
  await using stack = new AsyncDisposableStack();
  const guardian = startGuardian();
  stack.defer(() => guardian.close());
  const sources = serverSources(process.env);
  const progress = (line: string) => console.log(line);
  const found = await findChromium({ sources, guardian, progress }, process.env);
  const browser = stack.adopt(await launch(found), (started) => started.close());
  const running = stack.move();
  return {
    async page(options = {}) {
      const context = await browser.newContext({ baseURL: url, locale: 'en-GB', ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      return context.newPage();
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Without its sandbox, which needs rights that root and many containers do not give; it sees our own pages only. */
export const launch = ({ program, environment }: Chromium): Promise<Browser> =>
  chromium.launch({
    executablePath: program,
    env: { ...environment },
    chromiumSandbox: false,
    args: ['--disable-gpu', '--disable-dev-shm-usage'],
  });

/** Signs in through the form. */
export async function signIn(page: Page, username: string, password = PASSWORD): Promise<void> {
  await page.goto('/admin/sign-in/');
  await page.getByLabel('Name').fill(username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
