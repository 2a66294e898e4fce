import { parseArgs } from 'node:util';
import { runPublishers } from './run.ts';

const USAGE = `Usage: npm run soak:publishers -- [options]

Servers and services of its own: internal systems and the gateway sell for the same vendors at once, one misbehaves, one
has its connection cut again and again. Then every outcome, event and dead letter is held against the books.

  --seconds N          how long (60)
  --cut-every MS       between two cuts (3000)
  --nats-binary PATH   another nats-server than the machine's (NATS_SERVER_BIN does the same)
`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    'cut-every': { type: 'string', default: '3000' },
    'nats-binary': { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const [seconds, cutEveryMs] = [Number(values.seconds), Number(values['cut-every'])];
if (values.help) process.stdout.write(USAGE);
else if (!(seconds >= 1 && seconds <= 86_400 && cutEveryMs >= 100)) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const natsBinary = values['nats-binary'] ?? (process.env.NATS_SERVER_BIN || undefined);
  const report = await runPublishers({ seconds, cutEveryMs, natsBinary, progress: console.log });
  console.log(JSON.stringify(report, null, 2));
  process.exitCode = report.findings.length === 0 ? 0 : 1;
}
