import { Prisma } from './generated/client.ts';
import { epochMs, selectRows } from './json-columns.ts';
import type { Scope } from './scope.ts';

/** What a device's windows of one bucket say of its board; `durationMs` is the time that they tell of. Null: not measured. */
export type BoardBucket = {
  deviceId: string;
  startMs: number;
  windows: number;
  durationMs: number;
  diskFreeBytes: number | null;
  memoryUsedBytes: number | null;
};

/** Means by bucket of `stepMs`, from the windows themselves: rollups keep nothing of memory and disk. Reads a window for each that is stored. */
export async function listBoardBuckets(
  { tx, organizationId }: Scope,
  { deviceIds, from, to, stepMs }: { deviceIds: readonly string[]; from: Date; to: Date; stepMs: number },
): Promise<BoardBucket[]> {
  const bucket = `date_bin(${Math.round(stepMs)} * interval '1 millisecond', w.start_at, '${from.toISOString()}'::timestamptz)`;
  return selectRows<BoardBucket>(
    tx,
    {
      deviceId: Prisma.sql`w.device_id`,
      startMs: epochMs(bucket),
      windows: Prisma.sql`count(*)::int`,
      durationMs: Prisma.sql`sum(w.duration_ms)::float8`,
      diskFreeBytes: Prisma.sql`avg(w.disk_free_bytes)`,
      memoryUsedBytes: Prisma.sql`avg(w.memory_used_bytes)`,
    },
    Prisma.sql`FROM telemetry_window w WHERE w.organization_id = ${organizationId}::uuid AND w.device_id = ANY(${deviceIds}::uuid[])
      AND w.start_at >= ${from}::timestamptz AND w.start_at < ${to}::timestamptz GROUP BY 1, 2 ORDER BY 2, 1`,
  );
}
