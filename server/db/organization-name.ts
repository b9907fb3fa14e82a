import type { Scope } from './scope.ts';

/** How the organization is called, and where its pages lie. */
export async function organizationName({ tx, organizationId }: Scope): Promise<{ slug: string; name: string }> {
  const select = { slug: true, name: true };
  return await tx.organization.findUniqueOrThrow({ where: { id: organizationId }, select });
}
