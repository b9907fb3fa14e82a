import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Release } from '@flotilla/protocol';
import { ReasonError } from '../../src/reason-error.ts';
import type { RunnerProcess } from '../../src/serving/runner-process.ts';
import type { FileSystem } from '../../src/state/file-system.ts';
import type { World } from './world.ts';

/** A runner without a process: it loads what is laid out on the disk, and refuses what is damaged. */
export async function launchOn(
  fs: FileSystem,
  world: World,
  release: Release,
  stagedDir: string,
): Promise<RunnerProcess> {
  const { version } = release.model;
  for (const { path, sha256 } of release.files) {
    const bytes = await fs.read(join(stagedDir, path));
    const isWhole = bytes !== null && createHash('sha256').update(bytes).digest('hex') === sha256;
    world.expect(isWhole, `a runner was started on a damaged ${path} of ${version}`);
    if (!isWhole) throw new ReasonError('runner.load', `${path} is damaged`);
  }
  const ended = Promise.withResolvers<{ code: number | null; signal: string | null }>();
  const failures = world.failing.has(version) ? 100 : 0;
  const measured = { runs: 1, latencyP50Ms: 1, latencyP95Ms: 1, rssBytes: 1, cpuMs: 1, durationMs: 1 };
  const runner = {
    release,
    socketPath: `/${version}.sock`,
    exited: ended.promise,
    pid: 1,
    isRunning: true,
    start: async () => {},
    window: async () => ({ durationMs: 1 }),
    totals: async () => ({ inferences: 100 - failures, failures }),
    benchmark: async () => measured,
    stop: async () => {
      runner.isRunning = false;
      ended.resolve({ code: 0, signal: null });
    },
  };
  return runner as unknown as RunnerProcess;
}
