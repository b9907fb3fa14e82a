import type { Scope } from './scope.ts';

export type Refusal = { deviceId: string; kind: string; code: string; count: number; lastDetail: string; lastAt: Date };

/** Adds to the count of one kind and code of one device. */
export async function addRefusals({ tx, organizationId }: Scope, refusal: Refusal): Promise<void> {
  const { deviceId, kind, code, count, lastDetail, lastAt } = refusal;
  await tx.$executeRaw`
    INSERT INTO refused_message (organization_id, device_id, kind, code, count, last_detail, last_at)
    VALUES (${organizationId}::uuid, ${deviceId}::uuid, ${kind}, ${code}, ${count}::bigint, ${lastDetail}, ${lastAt})
    ON CONFLICT (device_id, kind, code) DO UPDATE SET
      count = refused_message.count + EXCLUDED.count, last_detail = EXCLUDED.last_detail, last_at = EXCLUDED.last_at
    WHERE refused_message.organization_id = EXCLUDED.organization_id`;
}
