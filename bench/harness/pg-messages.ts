/** Cuts one direction of PostgreSQL's protocol into messages. A client's first message has no type. */
export class MessageCutter {
  readonly #message: (type: string, bytes: Buffer) => void;
  #untyped: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(untyped: number, message: (type: string, bytes: Buffer) => void) {
    this.#untyped = untyped;
    this.#message = message;
  }

  read(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const typeBytes = this.#untyped > 0 ? 0 : 1;
      if (bytes.length < typeBytes + 4) break;
      const end = typeBytes + bytes.readInt32BE(typeBytes);
      if (bytes.length < end) break;
      this.#message(typeBytes === 0 ? '' : String.fromCharCode(bytes[0]!), bytes.subarray(0, end));
      if (typeBytes === 0) this.#untyped--;
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}
