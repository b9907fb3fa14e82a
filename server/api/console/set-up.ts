import type * as z from 'zod';
import type { AppError } from '../../domain/errors.ts';
import { webDeps } from '../../main/web-deps.ts';
import { CreateOwner, createOwner } from '../../services/accounts/create-owner.ts';
import { expectedFailure } from '../../services/expected-failure.ts';

/** Which fields are wrong are named by JSON pointers. */
export type SetUpAnswer =
  | { ok: true; slug: string }
  | { ok: false; message: string; fields: { pointer: string; message: string }[] };

/** Four short texts, in bytes. */
const MAX_BODY_BYTES = 8_192;

/** Makes the first organization and its owner. Nobody is signed in yet, so the request must at least come from this very console. */
export async function handleSetUp(request: Request): Promise<Response> {
  const deps = await webDeps();
  const { origin } = new URL(deps.config.url);
  if (request.headers.get('origin') !== origin)
    return answer(403, { ok: false, message: `Open ${origin} and set up the console there.`, fields: [] });
  if (!(Number(request.headers.get('content-length') ?? Number.NaN) <= MAX_BODY_BYTES))
    return answer(413, { ok: false, message: 'The request is too long.', fields: [] });
  const input = CreateOwner.safeParse(await request.json().catch(() => null));
  if (!input.success) return answer(400, wrongFields(input.error));
  try {
    const { slug } = await createOwner(deps, input.data);
    return answer(201, { ok: true, slug });
  } catch (error) {
    const expected = expectedFailure(error);
    if (expected !== error) deps.logger.error({ err: error }, 'the set-up failed');
    if (expected) return answer(statusOf(expected), { ok: false, message: expected.userMessage, fields: [] });
    const message = 'Something went wrong on the server. Try again; if it stays, look into the server log.';
    return answer(500, { ok: false, message, fields: [] });
  }
}

function answer(status: number, body: SetUpAnswer): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

/** `createOwner` fails with a conflict, and with a database that is away. */
function statusOf({ code }: AppError): number {
  return code === 'conflict' ? 409 : 503;
}

function wrongFields(error: z.ZodError): SetUpAnswer {
  const fields = error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message }));
  return { ok: false, message: 'Something is missing or wrong. See the fields above.', fields };
}
