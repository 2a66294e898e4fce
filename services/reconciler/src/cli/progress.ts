/** One line on a terminal, written over and over; nothing at all in a pipe. */
export interface ProgressLine {
  show(done: number, total: number): void;
  clear(): void;
}

const EVERY_MS = 200;

export function progressLine(stream: NodeJS.WriteStream, now: () => number = Date.now): ProgressLine {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  const startedAtMs = now();
  let shownAtMs = 0;
  return {
    show(done, total) {
      if (now() - shownAtMs < EVERY_MS) return;
      shownAtMs = now();
      stream.write(`\r\x1b[2K${describeProgress(done, total, shownAtMs - startedAtMs)}`);
    },
    clear: () => void stream.write('\r\x1b[2K'),
  };
}

/** e.g. "412,000 of 1,000,000 transactions, 206,000/s, 3 s left". */
export function describeProgress(done: number, total: number, elapsedMs: number): string {
  const grouped = (value: number) => Math.round(value).toLocaleString('en-US');
  const rate = elapsedMs > 0 ? (done * 1_000) / elapsedMs : 0;
  const left = rate > 0 ? `${grouped((total - done) / rate)} s left` : 'starting';
  return `${grouped(done)} of ${grouped(total)} transactions, ${grouped(rate)}/s, ${left}`;
}
