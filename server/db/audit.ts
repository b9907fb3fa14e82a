import { type Actor, actorId } from '../domain/access/actor.ts';
import type { Prisma } from './generated/client.ts';
import type { Scope } from './scope.ts';

export type AuditSubject = { kind: string; id: string };

/** Writes who did what, in the transaction that does it. `detail` must hold no secret. */
export async function writeAudit(
  scope: Scope,
  actor: Actor,
  action: string,
  subject: AuditSubject,
  detail: Prisma.InputJsonObject = {},
): Promise<void> {
  await scope.tx.auditEntry.create({
    data: {
      organizationId: scope.organizationId,
      actorKind: actor.kind,
      actorId: actorId(actor),
      action,
      subjectKind: subject.kind,
      subjectId: subject.id,
      detail,
    },
  });
}
