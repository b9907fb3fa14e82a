import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** Longest JSON, and longest body with binary tensors, that is read on its way: the agent has one thread, and a small machine. */
const MAX_JSON_BYTES = 64 * 1024;
const MAX_BINARY_BYTES = 1024 * 1024;

/** `headerBytes`: length of the JSON before binary tensors; null when all of it is JSON. */
export type ExchangeBody = { bytes: Buffer; headerBytes: number | null };

/** One inference as it was asked and answered. */
export type Exchange = { request: ExchangeBody; response: ExchangeBody; label?: string };

/** Keeps a copy of a message that passes by; null when it is too long to be read, or compressed. */
export function copyBody(message: IncomingMessage): () => ExchangeBody | null {
  const headerBytes = headerBytesOf(message.headers);
  const limit = headerBytes === null ? MAX_JSON_BYTES : MAX_BINARY_BYTES;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const isReadable = message.headers['content-encoding'] === undefined;
  if (isReadable) {
    message.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= limit) chunks.push(chunk);
      else chunks.length = 0;
    });
  }
  return () => (isReadable && sizeBytes <= limit ? { bytes: Buffer.concat(chunks), headerBytes } : null);
}

function headerBytesOf(headers: IncomingHttpHeaders): number | null {
  const header = headers['inference-header-content-length'];
  return typeof header === 'string' ? Number(header) : null;
}
