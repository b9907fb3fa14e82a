import type { Actor } from '../../domain/access/actor.ts';
import { notFound } from '../../domain/errors.ts';
import type { Deps } from '../deps.ts';
import { desiredPackages, desiredReleases } from './desired-releases.ts';

/** A file that this device's desired state names, and no other. @throws AppError `not_found` */
export async function findDeviceArtifact(
  deps: Pick<Deps, 'db'>,
  actor: Extract<Actor, { kind: 'device' }>,
  sha256: string,
): Promise<{ sha256: string; sizeBytes: number }> {
  const releases = await desiredReleases(deps, actor);
  const files = releases.flatMap(({ document }) => document.files);
  const file = [...files, ...(await desiredPackages(deps, actor))].find((each) => each.sha256 === sha256);
  if (!file) throw notFound('file for this device');
  return { sha256, sizeBytes: file.sizeBytes };
}
