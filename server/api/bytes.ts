import { Readable } from 'node:stream';

/** Opens a file, or the part of it from `start` to `end`, both inclusive. */
type OpenBytes = (range?: { start: number; end: number }) => Promise<Readable>;

/** Answers with immutable bytes, whole or one Range of them. The ETag is the digest. */
export async function serveBytes(
  request: Request,
  file: { sha256: string; sizeBytes: number },
  open: OpenBytes,
): Promise<Response> {
  const { sha256, sizeBytes } = file;
  const common = {
    etag: `"${sha256}"`,
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=31536000, immutable',
    'content-type': 'application/octet-stream',
  };
  if (request.headers.get('if-none-match') === common.etag) return new Response(null, { status: 304, headers: common });
  const range = rangeOf(request.headers.get('range'), sizeBytes);
  if (range === 'unsatisfiable')
    return new Response(null, { status: 416, headers: { ...common, 'content-range': `bytes */${sizeBytes}` } });
  const bytes = await open(range ?? undefined);
  request.signal.addEventListener('abort', () => bytes.destroy(), { once: true });
  const body = Readable.toWeb(bytes) as ReadableStream<Uint8Array>;
  if (!range) return new Response(body, { headers: { ...common, 'content-length': String(sizeBytes) } });
  const headers = {
    ...common,
    'content-length': String(range.end - range.start + 1),
    'content-range': `bytes ${range.start}-${range.end}/${sizeBytes}`,
  };
  return new Response(body, { status: 206, headers });
}

/** One `bytes=a-b`, `bytes=a-` or `bytes=-n`; several ranges and other units are ignored, as RFC 9110 allows. */
export function rangeOf(
  header: string | null,
  sizeBytes: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  const [, from = '', to = ''] = match ?? [];
  if (!match || (from === '' && to === '')) return null;
  const start = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  return start >= sizeBytes || start > end ? 'unsatisfiable' : { start, end };
}
