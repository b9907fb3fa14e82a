import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

export type IdempotentAnswer = {
  requestHash: string;
  status: number | null;
  response: unknown;
  location: string | null;
};

/** Takes a key for a request; false when it is taken already. */
export async function claimIdempotencyKey(
  { tx, organizationId }: Scope,
  key: string,
  requestHash: string,
): Promise<boolean> {
  const { count } = await tx.idempotencyRecord.createMany({
    data: [{ organizationId, key, requestHash }],
    skipDuplicates: true,
  });
  return count === 1;
}

export async function findIdempotentAnswer(
  { tx, organizationId }: Scope,
  key: string,
): Promise<IdempotentAnswer | null> {
  return tx.idempotencyRecord.findUnique({
    where: { organizationId_key: { organizationId, key } },
    select: { requestHash: true, status: true, response: true, location: true },
  });
}

export async function keepIdempotentAnswer(
  { tx, organizationId }: Scope,
  key: string,
  answer: { status: number; response: unknown; location: string | null },
): Promise<void> {
  const { status, response, location } = answer;
  const body = typeof response === 'object' && response !== null ? { response: asJson(response) } : {};
  await tx.idempotencyRecord.update({
    where: { organizationId_key: { organizationId, key } },
    data: { status, location, ...body },
  });
}

export async function forgetIdempotencyKey({ tx, organizationId }: Scope, key: string): Promise<void> {
  await tx.idempotencyRecord.deleteMany({ where: { organizationId, key } });
}
