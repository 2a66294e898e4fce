import { parseAst } from 'vitest/node';

const LIMITS = {
  file: { most: 250, unit: 'lines' },
  function: { most: 70, unit: 'lines' },
  class: { most: 12, unit: 'fields' },
} as const;

export interface Size {
  readonly size: number;
  readonly most: number;
  readonly unit: 'lines' | 'fields';
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Everything over a limit, by `file`, `file function` or `file class`. */
export function overLimit(file: string, text: string): ReadonlyMap<string, Size> {
  const over = new Map<string, Size>();
  const note = (kind: keyof typeof LIMITS, name: string, size: number): void => {
    const limit = LIMITS[kind];
    const key = name === '' ? file : `${file} ${name}`;
    // Two functions of one file may share a name; the larger one counts.
    if (size > (over.get(key)?.size ?? limit.most)) over.set(key, { size, ...limit });
  };
  const lines = (from: number, to: number): number => text.slice(from, to).split('\n').length;
  note('file', '', lines(0, text.length) - 1);
  walk(parseAst(text, { lang: 'ts' }, file), (node, parents) => {
    if (FUNCTION.test(node.type) && !isDescribe(parents[0])) {
      note('function', nameOf(node, parents), lines(node.start, node.end));
    }
    if (node.type === 'ClassBody') note('class', nameOf(node, parents), fieldsOf(node));
  });
  return over;
}

const FUNCTION = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/;

/** Calls `visit` with every node and its parents, the nearest first. */
function walk(
  value: unknown,
  visit: (node: Node, parents: readonly Node[]) => void,
  parents: Node[] = [],
): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit, parents);
  else if (isNode(value)) {
    visit(value, parents);
    for (const child of Object.values(value)) walk(child, visit, [value, ...parents]);
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** True for `describe(…)`, `describe.each(…)(…)`: the callback is a list of tests, and each test is measured. */
const isDescribe = (call: Node | undefined): boolean =>
  call?.type === 'CallExpression' && rootName(call.callee) === 'describe';

function rootName(callee: unknown): unknown {
  let node = callee as Node | undefined;
  while (node && node.type !== 'Identifier')
    node = (node.object ?? node.callee ?? node.tag) as Node | undefined;
  return node?.name;
}

/** The instance's own state: methods in the form of a field are no state. */
const fieldsOf = ({ body }: Node): number =>
  (body as Node[]).filter(
    ({ type, static: isStatic, value }) =>
      type === 'PropertyDefinition' && !isStatic && !(isNode(value) && FUNCTION.test(value.type)),
  ).length;

/** The nearest name around a node, for example of the variable or the test that holds a function. */
function nameOf(node: Node, parents: readonly Node[]): string {
  for (const { id, key, type, arguments: args } of [node, ...parents]) {
    const named = id ?? key ?? (type === 'CallExpression' ? (args as Node[])[0] : undefined);
    if (!isNode(named)) continue;
    const name = named.name ?? named.value;
    if (typeof name === 'string') return name;
  }
  return '(no name)';
}
