import { Prisma } from './generated/client.ts';
import { ADD_CHANGES } from './ingest/predictions.ts';
import type { Scope } from './scope.ts';

/** What was right for one inference: the index of a class, or a number. */
export type Label = { id: string; class: number | null; value: number | null; at: Date; source: string };

/** Replaced labels that are kept with one prediction. */
const MAX_HISTORY = 5;

export type SavedLabels = {
  /** Labels that are new, or say something else than before; of those, the ones whose prediction is known. */
  changed: number;
  joined: number;
};

/**
 * Stores labels whether their predictions came yet or not, and moves what they were counted as. The label with the latest time wins; one
 * that says what is known already changes nothing. Ids must not repeat.
 */
export async function saveLabels({ tx, organizationId }: Scope, labels: readonly Label[]): Promise<SavedLabels> {
  const rows = await tx.$queryRaw<{ changed: number; joined: number }[]>(Prisma.sql`
    WITH put AS (
      INSERT INTO prediction AS p (organization_id, inference_id, label_class, label_value, label_source, labelled_at)
      SELECT ${organizationId}::uuid, g.i, g.c, g.x, g.s, g.at
      FROM unnest(${labels.map(({ id }) => id)}::text[], ${labels.map((label) => label.class)}::smallint[], ${labels.map(({ value }) => value)}::float8[],
        ${labels.map(({ source }) => source)}::text[], ${labels.map(({ at }) => at)}::timestamptz[]) AS g (i, c, x, s, at) ORDER BY g.i
      ON CONFLICT (organization_id, inference_id) DO UPDATE SET label_class = excluded.label_class, label_value = excluded.label_value,
        label_source = excluded.label_source, labelled_at = excluded.labelled_at,
        label_history = CASE WHEN p.labelled_at IS NULL THEN p.label_history ELSE jsonb_path_query_array(
          jsonb_build_array(jsonb_build_object('class', p.label_class, 'value', p.label_value, 'source', p.label_source, 'at', p.labelled_at)) || p.label_history,
          ${`$[0 to ${MAX_HISTORY - 1}]`}::jsonpath) END
      WHERE p.labelled_at IS NULL OR (p.labelled_at <= excluded.labelled_at
        AND (p.label_class, p.label_value) IS DISTINCT FROM (excluded.label_class, excluded.label_value))
      RETURNING OLD.label_class AS old_class, OLD.label_value AS old_value, NEW.*
    ), change AS (
      SELECT organization_id, version_id, device_id, slot, at, class, value, is_unsure, -1 AS sign, old_class AS new_class, old_value AS new_value FROM put
      UNION ALL
      SELECT organization_id, version_id, device_id, slot, at, class, value, is_unsure, 1, label_class, label_value FROM put
    ), added AS (${Prisma.raw(ADD_CHANGES)})
    SELECT count(*)::int AS changed, count(at)::int AS joined FROM put`);
  return rows[0] ?? { changed: 0, joined: 0 };
}
