import type pg from 'pg';

/** A statement that writes, with the values of its parameters. */
export type Write = { text: string; values: readonly unknown[] };

/** A query whose rows are `Row` as JSON, with the values of its parameters; it may lock what it reads. */
export type Read<Row> = { text: string; values: readonly unknown[]; row?: Row };

type RowsOf<Reads> = { [Name in keyof Reads]: Reads[Name] extends Read<infer Row> ? Row[] : never };

/** Carries out queries one after another, in the order in which they stand, as one statement: one wait for the database. */
export async function readTogether<Reads extends Record<string, Read<unknown>>>(
  client: pg.PoolClient,
  reads: Reads,
): Promise<RowsOf<Reads>> {
  const { texts, values } = placed(Object.values(reads));
  const columns = Object.keys(reads).map(
    (name, at) => `(SELECT coalesce(json_agg(r), '[]') FROM (${texts[at]}) AS r) AS "${name}"`,
  );
  const { rows } = await client.query<RowsOf<Reads>>(`SELECT ${columns.join(', ')}`, values);
  const [found] = rows;
  if (!found) throw new Error('a query without a table has a row');
  return found;
}

/**
 * Carries out writes to rows that the transaction has locked, each of another table, as one statement that ends with `last`: a small batch
 * waits for the answers of the database longer than the database works for it. No write may read what another one writes.
 */
export async function writeTogether(
  client: pg.PoolClient,
  writes: readonly Write[],
  last: Write | null,
): Promise<void> {
  if (writes.length === 0 && !last) return;
  const { texts, values } = placed([...writes, ...(last ? [last] : [])]);
  const parts = writes.map((_, at) => `write_${at} AS (${texts[at]})`);
  const main = last ? texts.at(-1) : 'SELECT';
  await client.query(parts.length === 0 ? `${main}` : `WITH ${parts.join(', ')} ${main}`, values);
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
