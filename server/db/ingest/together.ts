import type pg from 'pg';

/** A statement that writes, with the values of its parameters. */
export type Write = { text: string; values: readonly unknown[] };

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
  let before = 0;
  const placed = ({ text, values }: Write) => {
    const offset = before;
    before += values.length;
    return text.replaceAll(/\$(\d+)/g, (_, place: string) => `$${Number(place) + offset}`);
  };
  const parts = writes.map((write, at) => `write_${at} AS (${placed(write)})`);
  const main = last ? placed(last) : 'SELECT';
  const values = [...writes, ...(last ? [last] : [])].flatMap((write) => write.values);
  await client.query(parts.length === 0 ? main : `WITH ${parts.join(', ')} ${main}`, values);
}
