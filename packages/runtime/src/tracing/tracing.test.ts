import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parseTraceparent, traceparentOf } from './traceparent.ts';
import { startTracing } from './tracing.ts';

const ROOT = path.join(import.meta.dirname, '../../../..');

test('without an endpoint there is no tracing, and nothing of OpenTelemetry is loaded for it', async () => {
  expect(await startTracing('test', { OTEL_TRACES_SAMPLER_ARG: 1 })).toBeNull();
  const sources = globSync(['packages/*/src/**/*.ts', 'services/*/src/**/*.ts'], { cwd: ROOT });
  const loading = sources.filter((file) =>
    /^import (?!type )[^;]*'@opentelemetry/m.test(readFileSync(path.join(ROOT, file), 'utf8')),
  );
  expect(loading).toEqual([]);
  const script = `
    const { startTracing } = await import('${path.join(import.meta.dirname, 'tracing.ts')}');
    await startTracing('test', { OTEL_TRACES_SAMPLER_ARG: 1 });
    const { registerHooks } = await import('node:module');
    const seen = [];
    registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) });
    const tracing = await startTracing('test', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_TRACES_SAMPLER_ARG: 1 });
    console.log(seen.filter((url) => url.includes('@opentelemetry/sdk-trace/')).length > 0);
    await tracing[Symbol.asyncDispose]();`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(said).toBe('true\n');
});

test('a trace context is read as W3C says, and nothing else is', () => {
  const text = `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01`;
  expect(traceparentOf(parseTraceparent(text)!)).toBe(text);
  const wrong = [
    '',
    '00',
    text.toUpperCase(),
    `ff${text.slice(2)}`,
    `${text}-00`,
    text.replace(/a1/g, '00'),
    text.replace(/b2/g, '00'),
  ];
  for (const other of wrong) expect(parseTraceparent(other), other).toBeNull();
});
