import { expect, test } from 'vitest';
import { overLimit } from './sizes.ts';

const lines = (count: number): string => 'work();\n'.repeat(count);
const over = (text: string) =>
  [...overLimit('a.ts', text)].map(([name, { size, unit }]) => `${name}: ${size} ${unit}`);

test('a file of more than 250 lines', () => {
  expect(over(lines(250))).toEqual([]);
  expect(over(lines(251))).toEqual(['a.ts: 251 lines']);
});

test.each([
  ['function sell() {\n@}', 'sell'],
  ['const sell = async (amount: bigint): Promise<void> => {\n@};', 'sell'],
  ['class Desk {\n  sell(): void {\n@}\n}', 'sell'],
  ['const desk = { sell: () => {\n@} };', 'sell'],
  ['test("a sale is posted", async () => {\n@});', 'a sale is posted'],
  ['describe("sales", () => {\n  test("a sale", () => {\n@});\n});', 'a sale'],
  ['export default function () {\n@}', '(no name)'],
])('a function of more than 70 lines: %s', (form, name) => {
  expect(over(form.replace('@', lines(68)))).toEqual([]);
  expect(over(form.replace('@', lines(69)))).toEqual([`a.ts ${name}: 71 lines`]);
});

test.each(['describe("sales", () => {\n@});', 'describe.each([1])("sales of %i", () => {\n@});'])(
  'the list of tests in a describe is no function: %s',
  (form) => {
    expect(over(form.replace('@', lines(100)))).toEqual([]);
  },
);

test('a class of more than 12 fields, without its methods and static members', () => {
  const fields = (count: number): string =>
    Array.from({ length: count }, (_, index) => `  readonly #f${index}: number = ${index};\n`).join('');
  const rest = '  static readonly LIMIT = 1;\n  run = () => {};\n  get size(): number { return 1; }\n';
  expect(over(`class Desk {\n${fields(12)}${rest}}\n`)).toEqual([]);
  expect(over(`class Desk {\n${fields(13)}${rest}}\n`)).toEqual(['a.ts Desk: 13 fields']);
});
