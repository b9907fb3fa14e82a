import { addRefusals } from '../../db/refused-messages.ts';
import { forTenant } from '../../db/scope.ts';
import type { Deps } from '../deps.ts';

/** A detail comes from outside: it is cut here, and has no character that PostgreSQL cannot store. */
const MAX_DETAIL = 300;

/** `kind` is a topic kind, or `packet`, `subscribe`; `code` says what was wrong, from a closed list of the caller. */
export type RefusedInput = { deviceId: string; kind: string; code: string; detail: string; count?: number };

/** Counts messages of a device that were refused: they are seen on its page, and never lost in a log. */
export async function countRefused(
  deps: Pick<Deps, 'db' | 'now'>,
  organizationId: string,
  input: RefusedInput,
): Promise<void> {
  const { deviceId, kind, code, detail, count = 1 } = input;
  const lastDetail = detail.replaceAll('\0', '').slice(0, MAX_DETAIL);
  await addRefusals(forTenant(deps.db, organizationId), {
    deviceId,
    kind,
    code,
    count,
    lastDetail,
    lastAt: deps.now(),
  });
}
