import type { IncomingMessage } from 'node:http';
import type { Engine } from './engine.ts';

/** What is kept of a container's last words. */
const TAIL_LINES = 50;
const MAX_LOG_BYTES = 16 * 1024;
const MAX_LINE_CHARACTERS = 500;
const FRAME_HEADER_BYTES = 8;

/** The last lines of a container's output, oldest first; none when it is gone. */
export async function tailLogs(engine: Engine, id: string): Promise<string[]> {
  const query = { stdout: '1', stderr: '1', tail: String(TAIL_LINES) };
  try {
    const bytes = await readBounded(await engine.open({ method: 'GET', path: `/containers/${id}/logs`, query }));
    return linesOf(bytes);
  } catch {
    return [];
  }
}

/** Undoes the engine's framing (byte 0 the stream, bytes 4 to 7 the length), cut off or not, and makes safe lines of it. */
export function linesOf(frames: Buffer): string[] {
  const parts: Buffer[] = [];
  for (let at = 0; at + FRAME_HEADER_BYTES <= frames.length; ) {
    const from = at + FRAME_HEADER_BYTES;
    at = from + frames.readUInt32BE(at + 4);
    parts.push(frames.subarray(from, at));
  }
  const lines = Buffer.concat(parts).toString('utf8').split(/\r?\n/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a container may write escape codes into a terminal.
  return lines.map((line) => line.replace(/[\u0000-\u001f\u007f]/g, ' ').slice(0, MAX_LINE_CHARACTERS)).filter(Boolean);
}

async function readBounded(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes >= MAX_LOG_BYTES) break;
  }
  response.destroy();
  return Buffer.concat(chunks).subarray(0, MAX_LOG_BYTES);
}
