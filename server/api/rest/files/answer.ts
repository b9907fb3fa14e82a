import { Readable } from 'node:stream';
import type { Table } from '../../../domain/telemetry/table.ts';
import { csvChunks } from './csv.ts';
import { parquetChunks } from './parquet.ts';

export const fileFormats = ['csv', 'parquet'] as const;
export type FileFormat = (typeof fileFormats)[number];

export const mediaTypes: Record<FileFormat, string> = {
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

/**
 * A table as a file to save, sent while it is made: memory does not grow with its length. What fails on the way breaks the transfer off, so
 * that half a file never looks whole.
 */
export function fileAnswer(table: Table, format: FileFormat, name: string): Response {
  const chunks = format === 'csv' ? csvChunks(table) : parquetChunks(table);
  return new Response(Readable.toWeb(Readable.from(chunks, { objectMode: false })) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': mediaTypes[format],
      'content-disposition': `attachment; filename="${name}.${format}"`,
      'cache-control': 'no-store',
    },
  });
}
