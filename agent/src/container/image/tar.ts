/** Sizes above this do not fit into the eleven octal digits of a tar header. */
const MAX_OCTAL_SIZE = 8 ** 11;
const BLOCK_BYTES = 512;

/** The 512-byte header (POSIX ustar) of a file with this path and size. Paths are ours: at most 100 characters. */
export function tarHeader(path: string, sizeBytes: number): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`the path is too long for tar: ${path}`);
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(path, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  writeSize(header, sizeBytes);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** Zeros that fill the last block of a file. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** The two empty blocks at the end. */
export const TAR_END = Buffer.alloc(2 * BLOCK_BYTES);

/** Bigger files have their size in binary, with the top bit set (as GNU tar and Go write it). */
function writeSize(header: Buffer, sizeBytes: number): void {
  if (sizeBytes < MAX_OCTAL_SIZE) header.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
}
