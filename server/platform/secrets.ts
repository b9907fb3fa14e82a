import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 32 random bytes in base64url: 43 characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Hex SHA-256. Enough for a secret of 256 random bits; passwords need scrypt. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares in constant time. Both sides are hashes of equal length, or the answer is false. */
export function hashesMatch(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** `flt_<kind>_<id without dashes>_<secret>`: recognisable by scanners, found by id, checked by hash. */
export function formatCredential(kind: 'enr' | 'key', id: string, secret: string): string {
  return `flt_${kind}_${id.replaceAll('-', '')}_${secret}`;
}

/** Splits a credential of that kind; null for anything else. */
export function parseCredential(kind: 'enr' | 'key', text: string): { id: string; secret: string } | null {
  const match = new RegExp(`^flt_${kind}_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$`).exec(text);
  const [, hex, secret] = match ?? [];
  if (!hex || !secret) return null;
  return { id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), secret };
}
