import type { AgentReport } from '@flotilla/protocol';
import { binaryArray } from './binary-array.ts';
import type { Write } from './together.ts';

export type AgentRow = { organizationId: string; deviceId: string; report: AgentReport; at: Date };

/** What agents say of themselves, where it is something else than before. Each device at most once. */
export function agentsWrite(rows: readonly AgentRow[]): Write {
  return {
    text: `INSERT INTO device_agent AS a (device_id, organization_id, report, updated_at)
     SELECT id, org, report::jsonb, at FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) AS g (id, org, report, at)
     ON CONFLICT (device_id) DO UPDATE SET report = excluded.report, updated_at = excluded.updated_at
     WHERE a.report IS DISTINCT FROM excluded.report`,
    values: [
      binaryArray('uuid', rows, ({ deviceId }) => deviceId),
      binaryArray('uuid', rows, ({ organizationId }) => organizationId),
      binaryArray('text', rows, ({ report }) => JSON.stringify(report)),
      binaryArray('timestamptz', rows, ({ at }) => at.getTime()),
    ],
  };
}
