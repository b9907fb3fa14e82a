import type { Db } from './client.ts';

export type DueCommand = { id: string; deviceId: string; jws: string; sends: number };

/** Seconds for which one worker has a command to itself while it publishes it. */
const CLAIM_S = 10;

/**
 * Takes commands that are to be sent now: not answered to the end, not run out, of devices that are connected; a broker would keep them
 * all for one that is not. Another worker does not get the same ones meanwhile.
 */
export function claimDueCommands(db: Db, now: Date, limit: number): Promise<DueCommand[]> {
  return db.$queryRaw`
    UPDATE device_command c SET next_send_at = ${now}::timestamptz + ${CLAIM_S}::int * interval '1 second', sends = c.sends + 1
    FROM (SELECT d.id FROM device_command d JOIN device v ON v.id = d.device_id
          WHERE d.finished_at IS NULL AND d.next_send_at <= ${now}::timestamptz AND v.online AND v.decommissioned_at IS NULL
            AND (d.expires_at > ${now}::timestamptz OR d.accepted_at IS NOT NULL)
          ORDER BY d.next_send_at LIMIT ${limit}::int FOR UPDATE OF d SKIP LOCKED) due
    WHERE c.id = due.id RETURNING c.id, c.device_id AS "deviceId", c.jws, c.sends`;
}

/** The broker has them. */
export async function markSent(
  db: Db,
  sent: readonly { id: string; nextSendAt: Date }[],
  now: Date,
): Promise<{ organizationId: string; deviceId: string }[]> {
  return db.$queryRaw`
    UPDATE device_command c SET sent_at = coalesce(c.sent_at, ${now}::timestamptz), next_send_at = g.at,
      state = CASE WHEN c.state = 'issued' THEN 'sent' ELSE c.state END
    FROM unnest(${sent.map(({ id }) => id)}::uuid[], ${sent.map(({ nextSendAt }) => nextSendAt)}::timestamptz[]) AS g (id, at)
    WHERE c.id = g.id RETURNING c.organization_id AS "organizationId", c.device_id AS "deviceId"`;
}

/** Ends what no device took in time, and what a device took and was silent about. Returns whose page shows it. */
export function expireCommands(
  db: Db,
  now: Date,
  silenceMs: number,
): Promise<{ organizationId: string; deviceId: string }[]> {
  return db.$queryRaw`
    UPDATE device_command SET state = 'expired', finished_at = ${now}::timestamptz
    WHERE finished_at IS NULL AND ((accepted_at IS NULL AND expires_at < ${now}::timestamptz)
      OR heard_at < ${now}::timestamptz - ${silenceMs}::int * interval '1 millisecond')
    RETURNING organization_id AS "organizationId", device_id AS "deviceId"`;
}
