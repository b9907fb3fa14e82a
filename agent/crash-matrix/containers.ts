import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { type ContainerWorld, startContainerWorld } from '../src/testing/system/container-world.ts';
import { startLink } from '../src/testing/system/link.ts';
import { until } from '../src/testing/wait.ts';
import type { Outfit } from './bundle/device.ts';

const Found = z.array(z.looseObject({ Id: z.string(), State: z.string(), Labels: z.record(z.string(), z.string()) }));
const Images = z.array(z.looseObject({ RepoTags: z.array(z.string()).nullable() }));
const Sizes = z.looseObject({
  config: z.looseObject({ size: z.number() }),
  layers: z.array(z.looseObject({ size: z.number() })),
});

/** Bytes of an image may come this much more than once: what was on the wire when the agent died. */
const MAX_REPEATED = 1.1;

/** An engine that was away is asked again every second to remove what it was to remove meanwhile. */
const ALONE_WITHIN_MS = 15_000;

/** A Docker Engine and a registry of their own for one run of the matrix, in a folder that goes with it. */
export async function withContainers<T>(run: (world: ContainerWorld) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-system-'));
  const world = await startContainerWorld(dir, ['runner', 'second']);
  try {
    return await run(world);
  } finally {
    await world.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A device whose versions run in containers of two images. It has a link of its own to the registry, which counts what it fetches. */
export async function containerOutfit(world: ContainerWorld): Promise<Outfit> {
  const { docker, registry } = world;
  const link = await startLink(registry.port);
  const imageOf = (version: 1 | 2) => world.image(version === 1 ? 'runner' : 'second', link);
  let received = 0;
  const labelled = (deviceId: string) => JSON.stringify({ label: [`flotilla.device=${deviceId}`] });
  const containers = (deviceId: string) =>
    docker.engine.json(
      { method: 'GET', path: '/containers/json', query: { all: 'true', filters: labelled(deviceId) } },
      Found,
    );
  const tags = async (deviceId: string) => {
    const images = await docker.engine.json({ method: 'GET', path: '/images/json' }, Images);
    return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes(deviceId));
  };
  return {
    engineSocket: docker.socket,
    runtime: (version) => ({ kind: 'container', image: imageOf(version), memoryMb: 256, cpus: 1 }),
    async inspect(deviceId, release) {
      const problems: string[] = [];
      let found = await containers(deviceId);
      const isOurs = ({ State, Labels }: (typeof found)[number]) =>
        State === 'running' && Labels['flotilla.release'] === release.id;
      const isAlone = async () => {
        found = await containers(deviceId);
        return found.length === 1 && found.every(isOurs);
      };
      await until('it runs alone', isAlone, ALONE_WITHIN_MS).catch(() => {
        const list = found.map(({ State, Labels }) => `${State} of ${Labels['flotilla.release']}`).join(', ');
        problems.push(`one container of ${release.id} should run, but there are: ${list}`);
      });
      const wanted = world.digests.get('second') ?? '';
      if (!(await tags(deviceId)).some((tag) => tag.endsWith(wanted)))
        problems.push('the image that serves is not kept');
      const networks = await docker.get('/networks', { filters: labelled(deviceId) });
      if ((networks as unknown[]).length !== 1) problems.push(`${(networks as unknown[]).length} networks of one slot`);
      const times = (link.state.received - received) / (await imageBytes());
      if (times > MAX_REPEATED) problems.push(`the image came ${times.toFixed(2)} times`);
      return problems;
    },
    async reset(deviceId) {
      for (const { Id } of await containers(deviceId))
        await docker.engine.remove(`/containers/${Id}`, { force: 'true' });
      const second = world.digests.get('second') ?? '';
      for (const tag of (await tags(deviceId)).filter((each) => each.endsWith(second)))
        await docker.engine.remove(`/images/${tag}`);
      received = link.state.received;
    },
    remove: () => link.stop(),
  };

  async function imageBytes(): Promise<number> {
    const url = `http://${registry.host}/v2/second/manifests/sha256:${world.digests.get('second')}`;
    const accept = 'application/vnd.docker.distribution.manifest.v2+json';
    const { config, layers } = Sizes.parse(await (await fetch(url, { headers: { accept } })).json());
    return config.size + layers.reduce((sum, { size }) => sum + size, 0);
  }
}
