/** What a registry asks for in `WWW-Authenticate` (RFC 9110). */
export type Challenge = { scheme: 'bearer'; realm: string; service?: string } | { scheme: 'basic' } | null;

/** The first challenge that we can answer. */
export function parseChallenge(header: string | undefined): Challenge {
  if (!header) return null;
  if (/^basic\b/i.test(header)) return { scheme: 'basic' };
  if (!/^bearer\s/i.test(header)) return null;
  const fields = new Map([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));
  const realm = fields.get('realm');
  const service = fields.get('service');
  return realm && URL.canParse(realm) ? { scheme: 'bearer', realm, ...(service && { service }) } : null;
}

/** Where a token for pulling one repository is asked for (Docker Registry token authentication). */
export function tokenUrl({ realm, service }: { realm: string; service?: string }, repository: string): string {
  const url = new URL(realm);
  if (service) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${repository}:pull`);
  return url.href;
}

export function basicHeader({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
