import { createHash } from 'node:crypto';
import type pg from 'pg';

/** Where every device of a rollout stands after it, in numbers and as a digest: two runs with the same digest ended the same. */
export async function endStateOf(
  database: pg.Pool,
  rolloutId: string,
): Promise<{ endState: string; endDigest: string }> {
  const { rows } = await database.query<{ name: string; state: string; version: string | null }>(
    `SELECT d.name, p.state, v.version FROM deployment p JOIN device d ON d.id = p.device_id
       LEFT JOIN device_slot s ON s.device_id = p.device_id AND s.slot = p.slot
       LEFT JOIN release r ON r.id = s.serving_release_id LEFT JOIN model_version v ON v.id = r.version_id
     WHERE p.rollout_id = $1 ORDER BY d.name`,
    [rolloutId],
  );
  const text = rows.map(({ name, state, version }) => `${name} ${state} ${version}`).join('\n');
  const counts = [...Map.groupBy(rows, ({ state }) => state)].map(([state, some]) => `${some.length} ${state}`);
  return {
    endState: counts.sort().join(', '),
    endDigest: createHash('sha256').update(text).digest('hex').slice(0, 12),
  };
}
