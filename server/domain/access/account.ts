import * as z from 'zod';

/** One address, trimmed and in lower case: the form that is stored and looked up. */
export const Email = z.string().trim().toLowerCase().pipe(z.email('This is not an e-mail address.').max(254));

export const NewPassword = z
  .string()
  .min(10, 'A password has at least 10 characters.')
  .max(200, 'A password has at most 200 characters.');

export const PersonName = z.string().trim().min(1, 'Say your name.').max(100);
export const OrganizationName = z.string().trim().min(1, 'An organization needs a name.').max(100);

const MAX_SLUG_LENGTH = 40;

/** First parts of addresses that are not organizations. */
export const reservedSlugs: readonly string[] = ['api', 'icon', 'install', 'metrics', 'setup', 'sign-in'];

/**
 * The organization's name as a part of addresses: `Harbour Robotics AS` becomes `harbour-robotics-as`, and `API`, which is taken,
 * `api-organization`.
 */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_SLUG_LENGTH)
    .replaceAll(/^-+|-+$/g, '');
  if (slug === '') return 'organization';
  return reservedSlugs.includes(slug) ? `${slug}-organization` : slug;
}
