import type { RegistryTokenResponse, Release } from '@flotilla/protocol';
import { findSealedCredential, touchCredential } from '../../db/registry-credentials.ts';
import { forTenant } from '../../db/scope.ts';
import type { Actor } from '../../domain/access/actor.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import { type ImageName, parseImageName } from '../../domain/release/image.ts';
import type { Login, PullToken } from '../../platform/registry-client.ts';
import type { Deps } from '../deps.ts';
import { desiredReleases } from '../devices/desired-releases.ts';
import { sealContext } from './set-credential.ts';

/**
 * What a device shows the registry of an image that its desired state names, and of no other: a short-lived token for pulling this one
 * repository where the registry gives such, else the organization's user name and password, or nothing when none is set.
 * @throws AppError `not_found`; `conflict`, reason `registry_refused`; `unavailable`, reason `registry_unreachable`
 */
export async function issueRegistryToken(
  deps: Pick<Deps, 'db' | 'now' | 'secrets' | 'askPullToken'>,
  actor: Extract<Actor, { kind: 'device' }>,
  input: { image: string },
): Promise<RegistryTokenResponse> {
  const wanted = parseImageName(input.image);
  const releases = await desiredReleases(deps, actor);
  const isNamed = wanted && releases.flatMap(({ document }) => imagesOf(document)).some((each) => isSame(each, wanted));
  if (!isNamed) throw notFound('image for this device');
  const { registry, repository } = wanted;
  const scope = forTenant(deps.db, actor.organizationId);
  const found = await findSealedCredential(scope, registry);
  if (!found) return { scheme: 'none' };
  const password = deps.secrets.open(found.sealedPassword, sealContext(actor.organizationId, found.id));
  const login = { username: found.username, password };
  const answer = await ask(deps, wanted, login);
  await touchCredential(scope, found.id, deps.now());
  switch (answer.kind) {
    case 'token':
      return { scheme: 'bearer', token: answer.token, expiresAt: deps.now().getTime() + answer.lifeS * 1000 };
    case 'no-tokens':
      return { scheme: 'basic', ...login };
    case 'refused':
      throw new AppError({
        code: 'conflict',
        reason: 'registry_refused',
        userMessage: `${registry} gives no token for ${repository} (${answer.detail}). Set its credentials anew.`,
      });
  }
}

async function ask(
  deps: Pick<Deps, 'askPullToken'>,
  { registry, repository }: ImageName,
  login: Login,
): Promise<PullToken> {
  try {
    return await deps.askPullToken(registry, repository, login);
  } catch (cause) {
    throw new AppError({
      code: 'unavailable',
      reason: 'registry_unreachable',
      userMessage: `The registry ${registry} does not answer the server. Try again later.`,
      cause,
    });
  }
}

function imagesOf({ runtime }: Release): ImageName[] {
  if (runtime.kind !== 'container') return [];
  return [runtime, ...(runtime.companions ?? [])].flatMap(({ image }) => parseImageName(image) ?? []);
}

function isSame(left: ImageName, right: ImageName): boolean {
  return left.registry === right.registry && left.repository === right.repository && left.digest === right.digest;
}
