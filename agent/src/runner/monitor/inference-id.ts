import { randomUUID } from 'node:crypto';

/** A UUIDv7: `atMs` in its first 48 bits, so that ids sort by time. */
export function newInferenceId(atMs: number): string {
  const time = Math.floor(atMs).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
