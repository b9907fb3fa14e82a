import type { Db } from './client.ts';

/** Every rollout that the engine has to look at, in all organizations, oldest first. Paused ones too: their devices still time out. */
export async function findEngineWork(db: Db): Promise<{ organizationId: string; id: string }[]> {
  return db.rollout.findMany({
    where: {
      OR: [
        { state: { in: ['running', 'aborting', 'rolling-back'] } },
        { state: 'paused', deployments: { some: { notifiedAt: { not: null }, finishedAt: null } } },
      ],
    },
    select: { organizationId: true, id: true },
    orderBy: { id: 'asc' },
  });
}
