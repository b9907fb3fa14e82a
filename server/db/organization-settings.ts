import type { Retention } from '../domain/access/organization-settings.ts';
import type { Scope } from './scope.ts';

export type StoredOrganization = { name: string; slug: string; createdAt: Date; retention: Retention };

export async function findOrganization({ tx, organizationId }: Scope): Promise<StoredOrganization> {
  const row = await tx.organization.findUniqueOrThrow({ where: { id: organizationId } });
  const { name, slug, createdAt, keepWindowsDays, keepMinutesDays, keepHoursDays } = row;
  const retention = { windowsDays: keepWindowsDays, minutesDays: keepMinutesDays, hoursDays: keepHoursDays };
  return { name, slug, createdAt, retention };
}

export async function saveOrganization(
  { tx, organizationId }: Scope,
  { name, retention }: { name?: string | undefined; retention?: Retention | undefined },
): Promise<void> {
  await tx.organization.update({
    where: { id: organizationId },
    data: {
      ...(name !== undefined && { name }),
      ...(retention && {
        keepWindowsDays: retention.windowsDays,
        keepMinutesDays: retention.minutesDays,
        keepHoursDays: retention.hoursDays,
      }),
    },
  });
}
