import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    schedules: { type: 'string' },
    steps: { type: 'string', default: '40' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
console.log(values);
const v = await simulate({
  seed: Number(values.seed ?? 1),
  errands: Number(values.steps),
  tracing: values.trace,
});
if (values.trace) console.log(v.trace.join('\n'));
console.log({ ...v, trace: v.trace.length });
