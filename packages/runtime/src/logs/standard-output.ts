import { LineSink } from './line-sink.ts';

const STANDARD_OUTPUT = 1;
let sink: LineSink | null = null;

/** The process' one writer of standard output: two of them would mix their lines. */
export function standardOutput(): LineSink {
  sink ??= new LineSink({ fd: () => STANDARD_OUTPUT, wrote: () => {} });
  return sink;
}
