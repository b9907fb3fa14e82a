import pg from 'pg';
import { Out, type Values } from './binary.ts';

/** A column of a table that rows of type `R` are stored in: its name, its type, and where the value comes from. */
export type CopyColumn<R> = {
  [T in keyof Values]: { name: string; type: T; of: (row: R) => Values[T] | null | undefined };
}[keyof Values];

/** Appends rows to a table by binary COPY: a fraction of an INSERT's work on both sides. All or none are stored. */
export async function copyRows<R>(
  client: pg.PoolClient,
  table: string,
  columns: readonly CopyColumn<R>[],
  rows: readonly R[],
): Promise<void> {
  const bytes = encodeRows(columns, rows);
  const text = `COPY ${table} (${columns.map(({ name }) => name).join(', ')}) FROM STDIN BINARY`;
  await new Promise<void>((resolve, reject) => {
    client.query(new Copy(text, bytes, (error) => (error ? reject(error) : resolve())));
  });
}

/**
 * A COPY whose bytes leave with the statement, before the database has said that it wants them: what follows on the connection need not wait
 * either. Of a statement that failed PostgreSQL drops them.
 */
class Copy extends pg.Query {
  private readonly statement: string;
  private readonly bytes: Buffer;

  constructor(statement: string, bytes: Buffer, done: (error: Error | null | undefined) => void) {
    super(statement, done);
    this.statement = statement;
    this.bytes = bytes;
  }

  override submit = (connection: pg.Connection) => {
    const { stream } = connection;
    stream.cork();
    connection.query(this.statement);
    stream.write(messageHead('d', this.bytes.length));
    stream.write(this.bytes);
    stream.write(messageHead('c', 0));
    stream.uncork();
  };

  /** Called by the client. */
  handleCopyInResponse(): void {}
}

/** How a message to PostgreSQL begins: its type, and the length of what follows with the length itself. */
function messageHead(type: 'd' | 'c', length: number): Buffer {
  const head = Buffer.alloc(5, type, 'latin1');
  head.writeInt32BE(length + 4, 1);
  return head;
}

const SIGNATURE = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');

/** What most batches need no more than. */
const LEAST_BYTES = 256 * 1024;

/** The rows in PostgreSQL's binary COPY format. @throws OutOfRange */
export function encodeRows<R>(columns: readonly CopyColumn<R>[], rows: readonly R[]): Buffer {
  const out = new Out(LEAST_BYTES);
  out.bytes(SIGNATURE);
  out.int4(0);
  out.int4(0);
  for (const row of rows) {
    out.int2(columns.length);
    for (const column of columns) out.value(column.type, column.of(row) as never);
  }
  out.int2(-1);
  return out.done();
}
