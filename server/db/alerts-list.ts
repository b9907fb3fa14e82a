import type { Evidence, SubjectKind } from '../domain/alerts/evaluate.ts';
import type { Severity } from '../domain/alerts/rule.ts';
import { type StoredAlert, toAlert, toEvidence } from './alerts-open.ts';
import type { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';

/** An alert with its first few members, those that fire before those that are good again. */
export type AlertListRow = StoredAlert & { names: string[]; subjectKinds: SubjectKind[]; evidence: Evidence | null };

export type AlertFilter = {
  states?: readonly ('firing' | 'acknowledged' | 'resolved')[] | undefined;
  severities?: readonly Severity[] | undefined;
  ruleId?: string | undefined;
  q?: string | undefined;
  subjectId?: string | undefined;
  firedFrom?: Date | undefined;
  /** Not of this moment itself. */
  firedTo?: Date | undefined;
  before?: string | undefined;
  limit: number;
};

const NAMES_SHOWN = 3;

const whereState: Record<'firing' | 'acknowledged' | 'resolved', Prisma.AlertWhereInput> = {
  firing: { resolvedAt: null, acknowledgedAt: null },
  acknowledged: { resolvedAt: null, acknowledgedAt: { not: null } },
  resolved: { resolvedAt: { not: null } },
};

/** Newest first; `before` is the id of the last one seen. */
export async function listAlerts({ tx, organizationId }: Scope, filter: AlertFilter): Promise<AlertListRow[]> {
  const { states, severities, ruleId, q, subjectId, firedFrom, firedTo, before, limit } = filter;
  const named = { contains: q ?? '', mode: 'insensitive' } as const;
  const rows = await tx.alert.findMany({
    where: {
      organizationId,
      ...(states && states.length > 0 && { OR: states.map((state) => whereState[state]) }),
      ...(severities && severities.length > 0 && { severity: { in: [...severities] } }),
      ...(ruleId && { ruleId }),
      ...(q && { AND: { OR: [{ ruleName: named }, { people: { some: { name: named } } }] } }),
      ...(subjectId && { people: { some: { subjectId } } }),
      ...((firedFrom || firedTo) && {
        firedAt: { ...(firedFrom && { gte: firedFrom }), ...(firedTo && { lt: firedTo }) },
      }),
      ...(before && { id: { lt: before } }),
    },
    orderBy: { id: 'desc' },
    take: limit,
    include: {
      people: {
        orderBy: [{ clearedAt: { sort: 'desc', nulls: 'first' } }, { firedAt: 'asc' }, { name: 'asc' }],
        take: NAMES_SHOWN,
      },
    },
  });
  return rows.map(({ people, ...row }) => ({
    ...toAlert(row),
    names: people.map(({ name }) => name),
    subjectKinds: people.map(({ subjectKind }) => subjectKind as SubjectKind),
    evidence: people[0] ? toEvidence(people[0].evidence) : null,
  }));
}

export async function countAlerts({ tx, organizationId }: Scope): Promise<{ firing: number; acknowledged: number }> {
  const count = (state: 'firing' | 'acknowledged') =>
    tx.alert.count({ where: { organizationId, ...whereState[state] } });
  const [firing, acknowledged] = await Promise.all([count('firing'), count('acknowledged')]);
  return { firing, acknowledged };
}
