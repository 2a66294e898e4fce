import type pg from 'pg';

/** A statement that takes something off the table, and those that put it onto the other one. */
export interface Moved {
  readonly drop: string;
  readonly create: readonly string[];
}

const FUNCTIONS = `SELECT 'DROP FUNCTION ' || p.oid::regprocedure AS drop, pg_get_functiondef(p.oid) AS create,
    'FUNCTION ' || p.oid::regprocedure AS name, p.proacl IS NOT NULL AS granted,
    obj_description(p.oid, 'pg_proc') AS comment
  FROM pg_proc p JOIN pg_class c ON c.oid = 'ledger.transactions'::regclass AND c.reltype = ANY (p.proargtypes)
  ORDER BY p.oid`;

const VIEWS = `WITH RECURSIVE found AS (
    SELECT 'ledger.transactions'::regclass::oid AS oid
    UNION SELECT r.ev_class FROM found JOIN pg_depend d ON d.refobjid = found.oid AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite r ON r.oid = d.objid)
  SELECT 'DROP VIEW ' || v.oid::regclass AS drop,
    'CREATE VIEW ' || v.oid::regclass || ' AS ' || pg_get_viewdef(v.oid) AS create,
    'TABLE ' || v.oid::regclass AS name, false AS granted, obj_description(v.oid, 'pg_class') AS comment
  FROM found JOIN pg_class v ON v.oid = found.oid WHERE v.relkind = 'v' ORDER BY v.oid`;

interface Row {
  readonly drop: string;
  readonly create: string;
  readonly name: string;
  /** A function that is not everybody's, as a new one is. */
  readonly granted: boolean;
  readonly comment: string | null;
}

/** The functions and views that are made of the table's rows, in the order of their making, with their grants. */
export async function readDependents(db: pg.ClientBase): Promise<Moved[]> {
  const functions = await db.query<Row>(FUNCTIONS);
  const views = await db.query<Row>(VIEWS);
  const moved: Moved[] = [];
  for (const row of [...functions.rows, ...views.rows]) {
    const closed = row.granted ? [`REVOKE ALL ON ${row.name} FROM PUBLIC`] : [];
    const create = [row.create, ...commentOn(db, row), ...closed, ...(await grants(db, row.name))];
    moved.push({ drop: row.drop, create });
  }
  return moved;
}

const commentOn = (db: pg.ClientBase, { name, comment }: Row): string[] =>
  comment === null ? [] : [`COMMENT ON ${name.replace(/^TABLE/, 'VIEW')} IS ${db.escapeLiteral(comment)}`];

const GRANTS = `SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
    a.privilege_type AS privilege, a.is_grantable AS grantable
  FROM (SELECT relacl AS acl, relowner AS owner, oid, 'TABLE ' || oid::regclass AS name FROM pg_class WHERE relkind IN ('r', 'v', 'p')
    UNION ALL SELECT proacl, proowner, oid, 'FUNCTION ' || oid::regprocedure FROM pg_proc
      WHERE pronamespace = 'ledger'::regnamespace) o,
    aclexplode(o.acl) a
  WHERE o.name = $1 AND a.grantee <> o.owner ORDER BY 1, 2`;

/** What others than the owner may do with a table, view or function; `onto` has it then. */
export async function grants(db: pg.ClientBase, name: string, onto = name): Promise<string[]> {
  const { rows } = await db.query<{ grantee: string; privilege: string; grantable: boolean }>(GRANTS, [name]);
  return rows.map(
    ({ grantee, privilege, grantable }) =>
      `GRANT ${privilege} ON ${onto} TO ${grantee}${grantable ? ' WITH GRANT OPTION' : ''}`,
  );
}

/** The guards that an owner, too, meets. Statements meet only those of the table they name, so every part has them all. */
export async function readTriggers(db: pg.ClientBase): Promise<{ definition: string; enabled: string }[]> {
  const { rows } = await db.query<{ definition: string; enabled: string }>(
    `SELECT pg_get_triggerdef(oid) AS definition, tgenabled AS enabled FROM pg_trigger
     WHERE tgrelid = 'ledger.transactions'::regclass AND NOT tgisinternal ORDER BY tgname`,
  );
  return rows;
}
