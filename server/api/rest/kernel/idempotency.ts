import { createHash } from 'node:crypto';
import {
  claimIdempotencyKey,
  findIdempotentAnswer,
  forgetIdempotencyKey,
  keepIdempotentAnswer,
} from '../../../db/idempotency.ts';
import { forTenant } from '../../../db/scope.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Deps } from '../../../services/deps.ts';

const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Runs a write once per `Idempotency-Key` and organization: the same key with the same body gets the first answer again, for a day.
 * Only successes are kept, so that what failed may be tried again. @throws AppError `conflict` when the key is in use for something else.
 */
export async function onceByKey(
  deps: Pick<Deps, 'db'>,
  organizationId: string,
  request: Request,
  body: unknown,
  run: () => Promise<Response>,
): Promise<Response> {
  const key = request.headers.get('idempotency-key');
  if (key === null) return run();
  if (!KEY.test(key))
    throw new AppError({
      code: 'invalid',
      reason: 'idempotency_key',
      userMessage: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
    });
  const scope = forTenant(deps.db, organizationId);
  const requestHash = createHash('sha256')
    .update(`${request.method} ${new URL(request.url).pathname} ${JSON.stringify(body)}`)
    .digest('hex');
  if (!(await claimIdempotencyKey(scope, key, requestHash))) {
    const kept = await findIdempotentAnswer(scope, key);
    if (kept?.requestHash !== requestHash)
      throw inUse('This Idempotency-Key was used for another request. Use a new one.');
    if (kept.status === null)
      throw inUse('The first request with this Idempotency-Key is still running. Ask again in a moment.');
    const headers = {
      'content-type': 'application/json',
      'idempotent-replayed': 'true',
      ...(kept.location ? { location: kept.location } : {}),
    };
    return new Response(kept.response === null ? null : JSON.stringify(kept.response), {
      status: kept.status,
      headers,
    });
  }
  try {
    const response = await run();
    if (response.ok)
      await keepIdempotentAnswer(scope, key, {
        status: response.status,
        response: await jsonOf(response.clone()),
        location: response.headers.get('location'),
      });
    else await forgetIdempotencyKey(scope, key);
    return response;
  } catch (error) {
    await forgetIdempotencyKey(scope, key);
    throw error;
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === '' ? null : JSON.parse(text);
}

function inUse(userMessage: string): AppError {
  return new AppError({ code: 'conflict', reason: 'idempotency_key_in_use', userMessage });
}
