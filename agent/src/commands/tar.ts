import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const BLOCK_BYTES = 512;

export type ArchiveFile = { name: string; bytes: Buffer | string };

/** A .tar.gz of regular files (POSIX ustar; names of at most 100 bytes). */
export async function tarGz(files: readonly ArchiveFile[], at: Date): Promise<Buffer> {
  const blocks = files.flatMap(({ name, bytes }) => {
    const content = Buffer.from(bytes as string);
    const padding = (BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES;
    return [headerOf(name, content.length, at), content, Buffer.alloc(padding)];
  });
  return await promisify(gzip)(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]));
}

function headerOf(name: string, sizeBytes: number, at: Date): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  const fields: [number, string][] = [
    [0, name],
    [100, octal(0o600, 8)],
    [108, octal(0, 8)],
    [116, octal(0, 8)],
    [124, octal(sizeBytes, 12)],
    [136, octal(Math.floor(at.getTime() / 1000), 12)],
    [148, ' '.repeat(8)],
    [156, '0'],
    [257, 'ustar\0'],
    [263, '00'],
  ];
  for (const [offset, text] of fields) header.write(text, offset, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}
