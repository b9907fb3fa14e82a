/** Where signing in leads when the address does not say. */
const HOME = '/';

/** A path of this console out of an address parameter; anything that could lead elsewhere becomes the start page. */
export function localPath(from: string | string[] | undefined): string {
  if (typeof from !== 'string' || !from.startsWith('/')) return HOME;
  const base = 'http://console.invalid';
  const url = URL.canParse(from, base) ? new URL(from, base) : null;
  // Normalizing can leave two slashes in front ("/.//evil.example"), which a browser reads as another host.
  return url?.origin === base && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}` : HOME;
}
