import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerRuntime, Release } from '@flotilla/protocol';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { demoRelease } from '../demo-release.ts';
import { startContainerWorld } from './container-world.ts';

/** Building a 180 MB image, and compressing it for the registry: forty seconds on two free cores, minutes on busy ones. */
const SET_UP_TIMEOUT_MS = 600_000;

/** A Docker Engine, an open registry behind a link, and our images in it, for one file of tests. */
export function useContainers(names: string[]) {
  type World = Awaited<ReturnType<typeof startContainerWorld>>;
  const suite = {
    dir: '',
    world: undefined as unknown as World,
    get docker() {
      return suite.world.docker;
    },
    get registry() {
      return suite.world.registry;
    },
    get link() {
      return suite.world.link;
    },
    get digests() {
      return suite.world.digests;
    },
    /** How a release names one of our images. */
    image: (name: string) => suite.world.image(name),
    /** A release of a demo model in a container. */
    release(
      artifacts: Map<string, Buffer>,
      version: 1 | 2 | 3,
      runtime: Partial<ContainerRuntime> & { image: string },
      changes: Partial<Release> = {},
    ): Release {
      return demoRelease(artifacts, version, {
        runtime: { kind: 'container', memoryMb: 256, cpus: 1, ...runtime },
        input: { source: 'http' },
        observe: { seconds: 0, maxErrorRate: 0.05, maxCrashes: 0 },
        ...changes,
      });
    },
  };
  beforeAll(async () => {
    suite.dir = mkdtempSync(join(tmpdir(), 'flotilla-system-'));
    suite.world = await startContainerWorld(suite.dir, names);
  }, SET_UP_TIMEOUT_MS);
  afterEach(async ({ task }) => {
    const { docker, registry } = suite;
    if (task.result?.state === 'fail') {
      process.stderr.write(`\nThe engine:\n${docker.lastWords()}\nThe registry:\n${registry.lastWords()}\n`);
    }
    await docker.clean();
  });
  afterAll(async () => {
    await suite.world?.stop();
    rmSync(suite.dir, { recursive: true, force: true });
  }, 60_000);
  return suite;
}
