import { hash } from 'node:crypto';
import type pg from 'pg';

/** A statement that writes, with the values of its parameters. */
export type Write = { text: string; values: readonly unknown[] };

/** A query: what its columns are made of, where they come from, and the values of its parameters. It may lock what it reads. */
export type Read<Row> = Query & { columns: { [Name in keyof Row]: string }; row?: Row };

type Query = { columns: Record<string, string>; from: string; values: readonly unknown[] };

/**
 * When the database plans a statement. `once`: by each connection, for any values; in a small batch a plan costs a sixth of the whole. `each
 * time`: for these values, where a plan made for few would read large tables value by value.
 */
type Planned = 'once' | 'each time';

type RowsOf<Reads> = { [Name in keyof Reads]: Reads[Name] extends Read<infer Row> ? Row[] : never };

/**
 * Carries out queries one after another, in the order in which they stand, as one statement: one wait for the database. Values come as JSON, a
 * list for each column: rows as objects cost the database more than to find them.
 */
export async function readTogether<Reads extends Record<string, Query>>(
  client: pg.PoolClient,
  reads: Reads,
  planned: Planned = 'each time',
): Promise<RowsOf<Reads>> {
  const all = Object.entries<Query>(reads).map(([name, { columns, from, values }]) => ({
    name,
    names: Object.keys(columns),
    text: `SELECT ${Object.entries(columns).map(([as, what]) => `${what} AS "${as}"`)} ${from}`,
    values,
  }));
  const { texts, values } = placed(all);
  const answers = all.map(({ name, names }, at) => {
    const lists = names.map((column) => `array_agg(r."${column}")`);
    return `(SELECT json_build_array(${lists}) FROM (${texts[at]}) AS r) AS "${name}"`;
  });
  const { rows } = await client.query<Record<string, (unknown[] | null)[]>>(
    queryOf(`SELECT ${answers}`, values, planned),
  );
  const [found] = rows;
  if (!found) throw new Error('a query without a table has a row');
  return Object.fromEntries(all.map(({ name, names }) => [name, rowsOf(names, found[name] ?? [])])) as RowsOf<Reads>;
}

/** A list for each column put together to rows; null is the list of a column without any. */
function rowsOf(names: readonly string[], lists: readonly (readonly unknown[] | null)[]): Record<string, unknown>[] {
  return (lists[0] ?? []).map((_, at) => {
    const row: Record<string, unknown> = {};
    for (const [place, name] of names.entries()) row[name] = lists[place]?.[at];
    return row;
  });
}

/**
 * Carries out writes to rows that the transaction has locked, each of another table, as one statement that ends with `last`: a small batch
 * waits for the answers of the database longer than the database works for it. No write may read what another one writes.
 */
export async function writeTogether(
  client: pg.PoolClient,
  writes: readonly Write[],
  last: Write | null,
  planned: Planned = 'each time',
): Promise<void> {
  if (writes.length === 0 && !last) return;
  const { texts, values } = placed([...writes, ...(last ? [last] : [])]);
  const parts = writes.map((_, at) => `write_${at} AS (${texts[at]})`);
  const main = last ? texts.at(-1) : 'SELECT';
  await client.query(queryOf(parts.length === 0 ? `${main}` : `WITH ${parts.join(', ')} ${main}`, values, planned));
}

/** A statement with a name is kept by its connection. */
function queryOf(text: string, values: unknown[], planned: Planned): pg.QueryConfig {
  return planned === 'once' ? { name: hash('sha1', text), text, values } : { text, values };
}

/** Statements as parts of one: the places of each one's values come after those of the ones before. */
function placed(statements: readonly Write[]): { texts: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const texts = statements.map((each) => {
    const before = values.length;
    values.push(...each.values);
    return each.text.replaceAll(/\$(\d+)/g, (_, place: string) => `$${Number(place) + before}`);
  });
  return { texts, values };
}
