import { join } from 'node:path';
import { startDocker } from './docker.ts';
import { startRegistry } from './docker-registry.ts';
import { buildImages } from './images.ts';
import { type Link, startLink } from './link.ts';

export type ContainerWorld = Awaited<ReturnType<typeof startContainerWorld>>;

/** A Docker Engine, an open registry behind a link, and these of our images in it, all under `dir`. */
export async function startContainerWorld(dir: string, names: string[]) {
  const docker = await startDocker(join(dir, 'docker'));
  const registry = await startRegistry(join(dir, 'registry'), 'open');
  const link = await startLink(registry.port);
  await buildImages(docker, join(dir, 'images'));
  const digests = new Map<string, string>();
  for (const name of names) digests.set(name, await docker.push(`${name}:1`, registry, name));
  return {
    docker,
    registry,
    link,
    digests,
    /** How a release names one of our images, as it is reached over this link. */
    image: (name: string, over: Link = link) => `${over.host}/${name}@sha256:${digests.get(name)}`,
    async stop() {
      link.stop();
      await registry.stop();
      await docker.stop();
    },
  };
}
