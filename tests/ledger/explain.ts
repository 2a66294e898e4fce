import pg from 'pg';
import { vi } from 'vitest';

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  Plans?: Node[];
}

export interface Executed {
  /** The statement, its white space made plain. */
  readonly text: string;
  /** How it reached vendors and transactions: names of indexes, or e.g. "Seq Scan on vendors". */
  readonly by: readonly string[];
}

/** What a role must have set so that its connections tell the plan of every statement, the triggers' too, as a notice. */
export const TELL_PLANS = [
  "session_preload_libraries = 'auto_explain'",
  'auto_explain.log_min_duration = 0',
  'auto_explain.log_nested_statements = on',
  "auto_explain.log_format = 'json'",
  "auto_explain.log_level = 'notice'",
];

/** The plans by which PostgreSQL reached vendors and transactions meanwhile, over any connection. */
export async function plansOf(run: () => Promise<unknown>): Promise<Executed[]> {
  const spy = vi.spyOn(pg.Client.prototype, 'emit');
  try {
    await run();
    return spy.mock.calls
      .flatMap(([event, notice]) => (event === 'notice' ? [planIn(notice as { message?: string })] : []))
      .filter((plan) => plan !== null && plan.by.length > 0) as Executed[];
  } finally {
    spy.mockRestore();
  }
}

function planIn({ message = '' }: { message?: string }): Executed | null {
  const [, json] = /^duration: .* plan:\n(.*)$/s.exec(message) ?? [];
  if (!json) return null;
  const told = JSON.parse(json) as { 'Query Text': string; Plan: Node };
  return {
    text: told['Query Text'].replace(/\s+/g, ' ').trim(),
    by: [...new Set(accessesOf(told.Plan))].sort(),
  };
}

function accessesOf({
  'Node Type': type,
  'Relation Name': table,
  'Index Name': index,
  Plans = [],
}: Node): string[] {
  const access = index ?? (/^(Seq|Tid|Sample)/.test(type) ? `${type} on ${table}` : '');
  const own = /transactions|vendors|exactly_once/.test(access) ? [access] : [];
  return [...own, ...Plans.flatMap(accessesOf)];
}
