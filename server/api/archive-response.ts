import { Readable } from 'node:stream';
import type { openArchive } from '../services/commands/open-archive.ts';

/** A download that no browser opens by itself, and no cache keeps. */
export function archiveResponse(archive: Awaited<ReturnType<typeof openArchive>>): Response {
  const { bytes, fileName, sizeBytes, sha256 } = archive;
  return new Response(Readable.toWeb(bytes) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': 'application/gzip',
      'content-length': String(sizeBytes),
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      etag: `"${sha256}"`,
    },
  });
}
