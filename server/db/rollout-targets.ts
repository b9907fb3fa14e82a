import type { KnownFacts } from '../domain/device/facts.ts';
import { selectorCondition } from './device-filter.ts';
import { Prisma } from './generated/client.ts';
import { epochMs, selectRows } from './json-columns.ts';
import type { Scope } from './scope.ts';

export type RolloutTarget = {
  deviceId: string;
  name: string;
  online: boolean;
  lastHeardAt: Date | null;
  facts: PlannedFacts;
  servingReleaseId: string | null;
  labels: Record<string, string>;
  /** The release that its newest report keeps in the penalty box, and until when. */
  penalty: { releaseId: string; until: Date } | null;
};

/** Most devices one rollout may take. */
const MAX_TARGETS = 100_000;

/** What plans ask of a device's facts: the whole of them is six megabytes for ten thousand devices. */
const FACTS = [
  'arch',
  'board',
  'cpuCores',
  'cpuModel',
  'executionProviders',
  'maxOpset',
  'memoryBytes',
  'runtimes',
] as const;

export type PlannedFacts = Pick<KnownFacts, (typeof FACTS)[number]>;

type Read = {
  deviceId: string;
  name: string;
  online: boolean;
  lastHeardMs: number | null;
  facts: PlannedFacts;
  servingReleaseId: string | null;
  labels: Record<string, string> | null;
  boxed: string | null;
  boxedUntil: number | null;
};

/** The devices that a selector holds now, with what a dry run needs to know of each; labels only where somebody asks for them. */
export async function findTargets(
  { tx, organizationId }: Scope,
  selector: string,
  slot: string,
  { withLabels = false } = {},
): Promise<RolloutTarget[]> {
  const columns: { [Name in keyof Read]: Prisma.Sql } = {
    deviceId: Prisma.sql`d.id`,
    name: Prisma.sql`d.name`,
    online: Prisma.sql`d.online`,
    lastHeardMs: epochMs('d.last_heard_at'),
    // Parsed when the device reported them: to check ten thousand again would take longer than all the rest.
    facts: Prisma.sql`jsonb_strip_nulls(jsonb_build_object(${Prisma.join(FACTS.flatMap((name) => [Prisma.raw(`'${name}'`), Prisma.raw(`d.facts -> '${name}'`)]))}))`,
    servingReleaseId: Prisma.sql`s.serving_release_id`,
    labels: withLabels
      ? Prisma.sql`(SELECT jsonb_object_agg(l.key, l.value) FROM device_label l WHERE l.device_id = d.id)`
      : Prisma.sql`NULL::jsonb`,
    boxed: Prisma.sql`CASE WHEN s.report -> 'reason' ->> 'code' = 'penalty.box' THEN s.report ->> 'releaseId' END`,
    boxedUntil: Prisma.sql`(s.report -> 'reason' ->> 'nextTryAt')::float8`,
  };
  const rows = await selectRows<Read>(
    tx,
    columns,
    Prisma.sql`FROM device d LEFT JOIN device_slot s ON s.device_id = d.id AND s.slot = ${slot}
      WHERE d.organization_id = ${organizationId}::uuid AND d.decommissioned_at IS NULL AND ${selectorCondition(selector)}
      ORDER BY d.name LIMIT ${MAX_TARGETS}`,
  );
  return rows.map(({ lastHeardMs, labels, boxed, boxedUntil, ...row }) => ({
    ...row,
    lastHeardAt: lastHeardMs === null ? null : new Date(lastHeardMs),
    labels: labels ?? {},
    penalty: boxed && boxedUntil ? { releaseId: boxed, until: new Date(boxedUntil) } : null,
  }));
}
