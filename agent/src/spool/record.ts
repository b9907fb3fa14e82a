import { crc32 } from 'node:zlib';

/** Length and checksum, both 32 bit little-endian, before the payload. */
const HEADER_BYTES = 8;

/** A longer length field is damage, not a record. */
const LONGEST_RECORD_BYTES = 1024 * 1024;

export function encodeRecord(payload: Uint8Array): Uint8Array {
  const record = Buffer.alloc(HEADER_BYTES + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.writeUInt32LE(crc32(payload), 4);
  record.set(payload, HEADER_BYTES);
  return record;
}

/** All whole records from the start. `soundBytes` is where the first torn or damaged one begins. */
export function decodeRecords(bytes: Uint8Array): { payloads: Uint8Array[]; soundBytes: number } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const payloads: Uint8Array[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= view.length) {
    const length = view.readUInt32LE(at);
    const end = at + HEADER_BYTES + length;
    if (length === 0 || length > LONGEST_RECORD_BYTES || end > view.length) break;
    const payload = view.subarray(at + HEADER_BYTES, end);
    if (crc32(payload) !== view.readUInt32LE(at + 4)) break;
    payloads.push(payload);
    at = end;
  }
  return { payloads, soundBytes: at };
}
