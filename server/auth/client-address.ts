const UNKNOWN = 'unknown';

/**
 * The network address that rate limits count. It is the last entry of X-Forwarded-For: the one that the nearest proxy, or web itself, has
 * seen. Earlier entries are whatever the caller wrote there.
 */
export function clientAddress(headers: Headers): string {
  const entries = (headers.get('x-forwarded-for') ?? '').split(',');
  return entries.at(-1)?.trim().slice(0, 64) || UNKNOWN;
}
