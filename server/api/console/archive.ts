import { randomUUID } from 'node:crypto';
import { currentUser } from '../../auth/session.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import { webDeps } from '../../main/web-deps.ts';
import { CommandPath, openArchive } from '../../services/commands/open-archive.ts';
import { archiveResponse } from '../archive-response.ts';
import { failureProblem } from '../failure.ts';

/** The download of a command's archive for a signed-in person: a link carries a cookie, and no key. */
export async function handleConsoleArchive(params: Record<'org' | 'device' | 'command', string>): Promise<Response> {
  const deps = await webDeps();
  const requestId = randomUUID();
  try {
    const user = await currentUser(deps);
    if (!user) throw new AppError({ code: 'unauthenticated', userMessage: 'Your sign-in has ended. Sign in again.' });
    const membership = user.memberships.find(({ slug }) => slug === params.org);
    const path = CommandPath.safeParse({ deviceId: params.device, commandId: params.command });
    if (!membership || !path.success) throw notFound('archive');
    const { organizationId, role } = membership;
    const actor = { kind: 'user', organizationId, userId: user.userId, role } as const;
    return archiveResponse(await openArchive(deps, actor, path.data));
  } catch (error) {
    const detail = 'The download failed on the server; try again.';
    return failureProblem(error, { ...deps, requestId, what: 'a download failed', detail });
  }
}
