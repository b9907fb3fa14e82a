import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerRuntime, Release } from '@flotilla/protocol';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { demoRelease } from '../demo-release.ts';
import { type Docker, startDocker } from './docker.ts';
import { startRegistry, type TestRegistry } from './docker-registry.ts';
import { buildImages } from './images.ts';
import { type Link, startLink } from './link.ts';

/** Building a 180 MB image, and compressing it for the registry: forty seconds on two free cores, minutes on busy ones. */
const SET_UP_TIMEOUT_MS = 600_000;

/** A Docker Engine, an open registry behind a link, and our images in it, for one file of tests. */
export function useContainers(names: string[]) {
  const suite = {
    dir: '',
    docker: undefined as unknown as Docker,
    registry: undefined as unknown as TestRegistry,
    link: undefined as unknown as Link,
    digests: new Map<string, string>(),
    /** How a release names one of our images. */
    image: (name: string) => `${suite.link.host}/${name}@sha256:${suite.digests.get(name)}`,
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
    suite.docker = await startDocker(join(suite.dir, 'docker'));
    suite.registry = await startRegistry(join(suite.dir, 'registry'), 'open');
    suite.link = await startLink(suite.registry.port);
    await buildImages(suite.docker, join(suite.dir, 'images'));
    for (const name of names) suite.digests.set(name, await suite.docker.push(`${name}:1`, suite.registry, name));
  }, SET_UP_TIMEOUT_MS);
  afterEach(async ({ task }) => {
    const { docker, registry } = suite;
    if (task.result?.state === 'fail') {
      process.stderr.write(`\nThe engine:\n${docker.lastWords()}\nThe registry:\n${registry.lastWords()}\n`);
    }
    await docker.clean();
  });
  afterAll(async () => {
    suite.link?.stop();
    await suite.registry?.stop();
    await suite.docker?.stop();
    rmSync(suite.dir, { recursive: true, force: true });
  }, 60_000);
  return suite;
}
