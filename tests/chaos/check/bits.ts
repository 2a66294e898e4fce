const FEWEST_BYTES = 1_024;

/** Numbers from zero on, a bit each: millions of places in the log fit into a megabyte. */
export class Bits {
  #bytes = new Uint8Array(FEWEST_BYTES);

  add(number: number): void {
    const at = Math.floor(number / 8);
    if (at >= this.#bytes.length) {
      const more = new Uint8Array(Math.max(2 * this.#bytes.length, at + 1));
      more.set(this.#bytes);
      this.#bytes = more;
    }
    this.#bytes[at]! |= 1 << (number % 8);
  }

  has(number: number): boolean {
    return ((this.#bytes[Math.floor(number / 8)] ?? 0) & (1 << (number % 8))) !== 0;
  }
}
