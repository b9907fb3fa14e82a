import { randomUUID } from 'node:crypto';
import { currentUser } from '../../auth/session.ts';
import { AppError } from '../../domain/errors.ts';
import { webDeps } from '../../main/web-deps.ts';
import { failureProblem } from '../failure.ts';
import { registerVersionEndpoint } from '../rest/endpoints/models.ts';
import { run } from '../rest/kernel/dispatch.ts';

/** The REST upload for a signed-in person: a browser shows progress only for a request of its own. Same-origin requests only, because a cookie is the credential. */
export async function handleConsoleUpload(request: Request, params: { org: string; model: string }): Promise<Response> {
  const deps = await webDeps();
  const requestId = randomUUID();
  try {
    requireSameOrigin(request, deps.config.url);
    const user = await currentUser(deps);
    if (!user)
      throw new AppError({
        code: 'unauthenticated',
        userMessage: 'Your sign-in has ended. Sign in again; nothing was kept.',
      });
    const membership = user.memberships.find(({ slug }) => slug === params.org);
    if (!membership) throw new AppError({ code: 'not_found', userMessage: 'There is no such organization here.' });
    const { organizationId, role } = membership;
    return await run(
      deps,
      registerVersionEndpoint,
      { model: params.model },
      { kind: 'user', organizationId, userId: user.userId, role },
      request,
    );
  } catch (error) {
    const detail = 'The upload failed on the server. Nothing was kept; try again.';
    return failureProblem(error, { ...deps, requestId, what: 'an upload failed', detail });
  }
}

function requireSameOrigin(request: Request, url: string): void {
  const origin = request.headers.get('origin');
  const site = request.headers.get('sec-fetch-site');
  if (origin === new URL(url).origin || site === 'same-origin') return;
  throw new AppError({
    code: 'forbidden',
    reason: 'foreign_origin',
    userMessage: 'Uploads are taken from the console itself only. Use the REST API with a key from elsewhere.',
  });
}
