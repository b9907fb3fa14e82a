import type { Scope } from './scope.ts';

/** Rollouts of each state that is not a last one. */
export async function countOpenRollouts({ tx, organizationId }: Scope): Promise<Record<string, number>> {
  const rows = await tx.rollout.groupBy({
    by: ['state'],
    where: { organizationId, finishedAt: null, startedAt: { not: null } },
    _count: true,
  });
  return Object.fromEntries(rows.map(({ state, _count }) => [state, _count]));
}

/** What waits, was refused, or was lost by devices, as plain counts. */
export async function countTroubles({
  tx,
  organizationId,
}: Scope): Promise<{ unpublished: number; refusedMessages: number; droppedWindows: number }> {
  const [row] = await tx.$queryRaw<{ unpublished: number; refused: number; dropped: number }[]>`
    SELECT (SELECT count(*) FROM outbox WHERE organization_id = ${organizationId}::uuid AND kind = 'desired')::float8 AS unpublished,
      (SELECT coalesce(sum(count), 0) FROM refused_message WHERE organization_id = ${organizationId}::uuid)::float8 AS refused,
      (SELECT coalesce(sum(dropped_windows), 0) FROM device_stream WHERE organization_id = ${organizationId}::uuid)::float8 AS dropped`;
  return { unpublished: row?.unpublished ?? 0, refusedMessages: row?.refused ?? 0, droppedWindows: row?.dropped ?? 0 };
}

/** Model and version by the version's id. */
export async function versionNames(
  { tx, organizationId }: Scope,
  ids: readonly string[],
): Promise<Map<string, { model: string; version: string }>> {
  const rows = await tx.modelVersion.findMany({
    where: { organizationId, id: { in: [...ids] } },
    select: { id: true, version: true, model: { select: { name: true } } },
  });
  return new Map(rows.map(({ id, version, model }) => [id, { model: model.name, version }]));
}
