import { type Document, type Element, type HTMLElement, type HTMLFormElement, Window } from 'happy-dom';
import { ConsoleClient } from './client.ts';

const MOST_REDIRECTS = 5;

type Name = string | RegExp;
type Box = HTMLElement & { value: string; checked: boolean };

const textOf = (element: Element) => element.textContent.replaceAll(/\s+/g, ' ').trim();
/** The name that a screen reader says. */
const nameOf = (element: Element) => element.getAttribute('aria-label') ?? textOf(element);

/**
 * An operator whose browser has no script: opens pages over HTTP, follows links by their texts, fills in forms by their
 * labels and sends them. Costs a hundredth of a page in Chromium, which pages.system.test.ts opens every page in.
 */
export class ConsoleUser {
  readonly client: ConsoleClient;
  readonly #window: Window;
  readonly #language: string;
  #document: Document | undefined;
  #address: URL;
  #status = 0;

  constructor(url: string, { language = 'en-GB' }: { language?: string } = {}) {
    this.client = new ConsoleClient(url);
    this.#window = new Window();
    this.#language = language;
    this.#address = new URL(url);
  }

  /** Signed in through the form. */
  static async signedIn(url: string, username: string, options = {}): Promise<ConsoleUser> {
    const user = new ConsoleUser(url, options);
    const answer = await user.client.signIn(username);
    if (answer.status !== 303) throw new Error(`${username} was not let in: ${answer.status}`);
    return user;
  }

  /** Path and query of the page that is open. */
  get address(): string {
    return this.#address.pathname + this.#address.search;
  }

  get status(): number {
    return this.#status;
  }

  get document(): Document {
    if (!this.#document) throw new Error('no page is open');
    return this.#document;
  }

  get title(): string {
    return this.text('h1');
  }

  /** Text of the only element of this kind, white space as one blank. Throws if there is none, or several. */
  text(selector = 'main'): string {
    return textOf(only(this.all(selector), `element ${selector}`));
  }

  all(selector: string): Element[] {
    return [...this.document.querySelectorAll(selector)];
  }

  /** Texts of the rows of all tables of the page, or of those of this caption; without their heads. */
  rows(caption: Name = ''): string[] {
    const tables = this.all('table').filter((table) => {
      const title = table.querySelector('caption');
      return matches(title ? textOf(title) : '', caption);
    });
    return tables.flatMap((table) => [...table.querySelectorAll('tbody tr')].map(textOf));
  }

  links(name: Name): Element[] {
    return this.all('a[href]').filter((link) => matches(nameOf(link), name));
  }

  /** Opens an address, and where it redirects to; returns the status. */
  async open(address: string): Promise<number> {
    return this.#show(address, await this.client.get(this.#resolve(address), this.#headers));
  }

  /** Follows the only link of this name, below an element if given. */
  async follow(name: Name, within?: Element): Promise<number> {
    const links = this.links(name).filter((link) => !within || within.contains(link));
    return this.open(namedExactly(links, name, 'link').getAttribute('href')!);
  }

  fill(label: Name, value: string): void {
    this.box(label).value = value;
  }

  /** Chooses by the text of the option, or by its value. */
  choose(label: Name, option: string): void {
    const box = this.box(label);
    const options = [...box.querySelectorAll('option')];
    const fits = options.filter((one) => textOf(one) === option || one.getAttribute('value') === option);
    box.value = only(fits, `option ${option}`).getAttribute('value') ?? option;
  }

  check(label: Name): void {
    this.box(label).checked = true;
  }

  /** The field of this label. */
  box(label: Name): Box {
    const labelled = this.all('label, input[aria-label], select[aria-label]').filter((one) =>
      matches(nameOf(one), label),
    );
    const found = namedExactly(labelled, label, 'label');
    const box =
      found.localName === 'label' ? (found as unknown as { control: Element | null }).control : found;
    if (!box) throw new Error(`the label ${label} names no field`);
    return box as unknown as Box;
  }

  /** Sends the form of the only button of this name; returns the status of the page that comes of it. */
  async press(name: Name): Promise<number> {
    const buttons = this.all('button:not([type=button]):not([hidden])').filter((one) =>
      matches(nameOf(one), name),
    );
    const button = namedExactly(buttons, name, 'button');
    const form = button.closest('form') as HTMLFormElement | null;
    if (!form) throw new Error(`the button ${name} belongs to no form`);
    const data = new this.#window.FormData(form, button as never);
    const fields = new URLSearchParams(
      [...data].map(([key, value]): [string, string] => [key, String(value)]),
    );
    const action = button.getAttribute('formaction') ?? form.getAttribute('action') ?? this.address;
    if (form.getAttribute('method') !== 'post') return this.open(`${action.split('?')[0]}?${fields}`);
    const path = this.#resolve(action);
    return this.#show(action, await this.client.post(path, fields, this.#headers.headers));
  }

  get #headers() {
    return { headers: { 'accept-language': this.#language } };
  }

  #resolve(address: string): string {
    const { pathname, search } = new URL(address, this.#address);
    return pathname + search;
  }

  async #show(address: string, answer: Response): Promise<number> {
    let last = answer;
    this.#address = new URL(address, this.#address);
    for (let hop = 0; last.status >= 300 && last.status < 400; hop++) {
      if (hop === MOST_REDIRECTS) throw new Error(`${address} redirects without an end`);
      this.#address = new URL(last.headers.get('location')!, this.#address);
      last = await this.client.get(this.address, this.#headers);
    }
    this.#document = new this.#window.DOMParser().parseFromString(await last.text(), 'text/html');
    this.#status = last.status;
    return last.status;
  }
}

const matches = (text: string, name: Name) =>
  typeof name === 'string' ? text.toLowerCase().includes(name.toLowerCase()) : name.test(text);

/** The one of exactly this name, or else the only one. */
function namedExactly<T extends Element>(found: T[], name: Name, kind: string): T {
  const exact = found.filter((one) => nameOf(one) === name);
  return only(exact.length > 0 ? exact : found, `${kind} ${name}`);
}

function only<T extends Element>(found: readonly T[], what: string): T {
  if (found.length !== 1)
    throw new Error(`the page has ${found.length} of: ${what} (${found.map(nameOf).join('; ')})`);
  return found[0]!;
}
