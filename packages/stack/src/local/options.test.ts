import { expect, test } from 'vitest';
import { parseStackOptions, UsageError } from './options.ts';

test.each([
  [[], { fresh: false, help: false, port: 8000, backofficePort: 8010, demoVendors: true }],
  [
    ['--fresh', '--port', '9000'],
    { fresh: true, help: false, port: 9000, backofficePort: 8010, demoVendors: true },
  ],
  [
    ['--backoffice-port', '9010'],
    { fresh: false, help: false, port: 8000, backofficePort: 9010, demoVendors: true },
  ],
  [
    ['--no-demo-vendors', '-h'],
    { fresh: false, help: true, port: 8000, backofficePort: 8010, demoVendors: false },
  ],
])('%j', (args, options) => {
  expect(parseStackOptions(args)).toEqual(options);
});

test.each([
  [['--bogus']],
  [['--port', '0']],
  [['--port', '65536']],
  [['--backoffice-port', '0']],
  [['--port', 'http']],
  [['stray']],
])('%j is refused', (args) => {
  expect(() => parseStackOptions(args)).toThrow(UsageError);
});
