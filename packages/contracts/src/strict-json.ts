/** Why a text was refused, and where. */
export class JsonError extends Error {
  override name = 'JsonError';
}

/**
 * A number that a double does not hold exactly as it was written, or that was written in an unusual way: exponents,
 * "-0", more than two decimals or fifteen digits. No schema accepts it; it keeps its spelling for the message.
 */
export class OddNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

const MAX_DEPTH = 8;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** Fifteen digits survive the way through a double and back. */
const PLAIN = /^-?(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{1,2})?$/;
/** Up to the first quote, escape or control character. */
const STRING_RUN = /[ !#-[\]-\uffff]*/y;

/**
 * Parses JSON as RFC 8259 has it, and refuses what JSON.parse lets pass: duplicate names (of which it keeps the last)
 * and numbers that would change in silence. Objects have no prototype, so "__proto__" is a name like any other.
 */
export function parseStrictJson(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new JsonError(`nested deeper than ${MAX_DEPTH}`);
    this.#skipSpace();
    switch (this.#text.charCodeAt(this.#at)) {
      case 0x7b: // {
        return this.#object(depth);
      case 0x5b: // [
        return this.#array(depth);
      case 0x22: // "
        return this.#string();
      case 0x74: // t
        return this.#word('true', true);
      case 0x66: // f
        return this.#word('false', false);
      case 0x6e: // n
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail();
  }

  #object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = Object.create(null);
    this.#at++;
    if (this.#takes(0x7d)) return object;
    do {
      this.#skipSpace();
      if (this.#text.charCodeAt(this.#at) !== 0x22) this.#fail();
      const name = this.#string();
      if (name in object) throw new JsonError(`duplicate name ${JSON.stringify(name)}`);
      if (!this.#takes(0x3a)) this.#fail();
      object[name] = this.value(depth + 1);
    } while (this.#takes(0x2c));
    if (!this.#takes(0x7d)) this.#fail();
    return object;
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = [];
    this.#at++;
    if (this.#takes(0x5d)) return array;
    do array.push(this.value(depth + 1));
    while (this.#takes(0x2c));
    if (!this.#takes(0x5d)) this.#fail();
    return array;
  }

  #string(): string {
    const start = this.#at;
    STRING_RUN.lastIndex = start + 1;
    STRING_RUN.test(this.#text);
    let end = STRING_RUN.lastIndex;
    if (this.#text.charCodeAt(end) === 0x22) {
      this.#at = end + 1;
      return this.#text.slice(start + 1, end);
    }
    while (this.#text.charCodeAt(end) === 0x5c) {
      STRING_RUN.lastIndex = end + 2;
      STRING_RUN.test(this.#text);
      end = STRING_RUN.lastIndex;
    }
    if (this.#text.charCodeAt(end) !== 0x22) this.#fail(end);
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch {
      return this.#fail(start);
    }
  }

  #number(): number | OddNumber {
    NUMBER.lastIndex = this.#at;
    const source = NUMBER.exec(this.#text)?.[0];
    if (source === undefined) return this.#fail();
    this.#at += source.length;
    if (!PLAIN.test(source)) return new OddNumber(source);
    const value = Number(source);
    return Object.is(value, -0) ? new OddNumber(source) : value;
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail();
    this.#at += word.length;
    return value;
  }

  #takes(code: number): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #fail(at = this.#at): never {
    throw new JsonError(at >= this.#text.length ? 'unexpected end' : `unexpected character at ${at}`);
  }
}
