import pg from 'pg';
import { vi } from 'vitest';

export interface Sent {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Runs something and returns the statements that it sent to the database, each once. */
export async function statementsOf(run: () => Promise<unknown>): Promise<Sent[]> {
  const sent = new Map<string, Sent>();
  const spy = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await run();
    for (const [query, values] of spy.mock.calls as unknown as [string | Partial<Sent>, unknown[]?][]) {
      const text = typeof query === 'string' ? query : query.text!;
      const name = (typeof query === 'string' ? undefined : query.name) ?? text;
      const own = typeof query === 'string' ? values : query.values;
      sent.set(name, { name, text, values: own ?? [] });
    }
  } finally {
    spy.mockRestore();
  }
  return [...sent.values()];
}

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Plans?: Node[];
}

/** How a plan reaches each table, e.g. "transactions by transactions_pkey", "vendors by Seq Scan". */
export function accessesOf(plan: Node): string[] {
  const own: string[] = [];
  const table = plan['Relation Name'];
  const index = plan['Index Name'];
  if (plan['Node Type'] === 'Bitmap Index Scan') own.push(`${index}`);
  else if (table && plan['Node Type'] !== 'Bitmap Heap Scan' && plan['Node Type'] !== 'ModifyTable')
    own.push(index ?? `${plan['Node Type']} on ${table}`);
  return [...new Set([...own, ...(plan.Plans ?? []).flatMap(accessesOf)])].sort();
}

const literal = (value: unknown): string => {
  if (value === null || value === undefined) return 'NULL';
  return `'${String(value).replaceAll("'", "''")}'`;
};

/** The plan of a statement with its values, or the one that serves any values. */
export async function explain(
  client: pg.Client,
  { text, values }: Sent,
  mode: 'custom' | 'generic',
): Promise<string[]> {
  await client.query(`SET plan_cache_mode = force_${mode}_plan`); await client.query('SET enable_seqscan = off');
  await client.query(`PREPARE explained AS ${text}`);
  try {
    const parameters = values.length > 0 ? `(${values.map(literal).join(', ')})` : '';
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON) EXECUTE explained ${parameters}`);
    return accessesOf(rows[0]['QUERY PLAN'][0].Plan);
  } finally {
    await client.query('DEALLOCATE explained');
  }
}
