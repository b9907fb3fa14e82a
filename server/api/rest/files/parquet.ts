import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Cell, ColumnType, Table } from '../../../domain/telemetry/table.ts';

/** Rows of one row group, which are held in memory while it is made. */
const GROUP_ROWS = 20_000;

const types = { time: 'TIMESTAMP', text: 'STRING', number: 'DOUBLE', flag: 'BOOLEAN' } as const satisfies Record<
  ColumnType,
  ColumnSource['type']
>;

/** A table as Apache Parquet with Snappy compression, a row group at a time. Every column may be null. */
export async function* parquetChunks({ columns, rows }: Table): AsyncGenerator<Uint8Array> {
  const bytes = new ByteWriter();
  const sourceOf = (group: readonly (readonly Cell[])[]): ColumnSource[] =>
    columns.map(({ name, type }, at) => ({ name, type: types[type], data: group.map((row) => row[at] ?? null) }));
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({ columnData: sourceOf([]) }),
    createdBy: 'flotilla',
  });
  const taken = () => {
    const chunk = bytes.getBytes().slice();
    bytes.index = 0;
    return chunk;
  };
  let group: (readonly Cell[])[] = [];
  for await (const row of rows) {
    group.push(row);
    if (group.length < GROUP_ROWS) continue;
    await writer.write({ columnData: sourceOf(group), rowGroupSize: GROUP_ROWS });
    group = [];
    yield taken();
  }
  await writer.write({ columnData: sourceOf(group), rowGroupSize: GROUP_ROWS });
  await writer.finish();
  yield taken();
}
