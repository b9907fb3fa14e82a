import { logLevels } from '@flotilla/protocol';
import type { Scope } from './scope.ts';

export type LogLine = { id: string; at: Date; level: string; message: string };

export type LogFilter = {
  /** This level and those above it. */
  level: (typeof logLevels)[number];
  search?: string | undefined;
  /** Id of the last line seen. */
  before?: string | undefined;
  limit: number;
};

/** Newest first. */
export async function listLogLines(
  { tx, organizationId }: Scope,
  deviceId: string,
  { level, search, before, limit }: LogFilter,
): Promise<LogLine[]> {
  const rows = await tx.deviceLogLine.findMany({
    where: {
      organizationId,
      deviceId,
      level: { in: logLevels.slice(0, logLevels.indexOf(level) + 1) },
      ...(search && { message: { contains: search, mode: 'insensitive' } }),
      ...(before && { id: { lt: BigInt(before) } }),
    },
    orderBy: { id: 'desc' },
    take: limit,
    select: { id: true, at: true, level: true, message: true },
  });
  return rows.map((row) => ({ ...row, id: String(row.id) }));
}
