import { join } from 'node:path';
import * as z from 'zod';
import { readText } from '../telemetry/sys-file.ts';
import type { Engine } from './engine/engine.ts';
import type { Usage } from './oip-benchmark.ts';

const Stats = z.looseObject({
  cpu_stats: z.looseObject({ cpu_usage: z.looseObject({ total_usage: z.number() }) }),
  memory_stats: z.looseObject({
    usage: z.number().optional(),
    stats: z.looseObject({ rss: z.number().optional(), anon: z.number().optional() }).optional(),
  }),
});

/**
 * Memory of its own (no page cache) and CPU time of a container since it started, from its control group's files, version 2 or 1; where
 * they cannot be read, from the engine, which takes a second for an answer.
 */
export async function readUsage(
  ports: { engine: Engine; procfs: string; sysfs: string },
  container: { id: string; pid: number },
): Promise<Usage> {
  const groups = (await readText(join(ports.procfs, String(container.pid), 'cgroup'))) ?? '';
  const pathOf = (name: string) =>
    groups
      .split('\n')
      .map((line) => line.split(':'))
      .find(([, names]) => names?.split(',').includes(name))?.[2];
  const [unified, memory, cpu] = [pathOf(''), pathOf('memory'), pathOf('cpuacct')];
  const root = join(ports.sysfs, 'fs/cgroup');
  const found =
    memory !== undefined && cpu !== undefined
      ? await readVersion1(join(root, 'memory', memory), join(root, 'cpuacct', cpu))
      : unified !== undefined && (await readVersion2(join(root, unified)));
  return found || (await askEngine(ports.engine, container.id));
}

async function readVersion1(memory: string, cpu: string): Promise<Usage | null> {
  const rssBytes = fieldOf(await readText(join(memory, 'memory.stat')), 'total_rss');
  const cpuNs = Number((await readText(join(cpu, 'cpuacct.usage'))) ?? Number.NaN);
  return rssBytes === null || Number.isNaN(cpuNs) ? null : { rssBytes, cpuMs: cpuNs / 1e6 };
}

async function readVersion2(group: string): Promise<Usage | null> {
  const rssBytes = fieldOf(await readText(join(group, 'memory.stat')), 'anon');
  const cpuUs = fieldOf(await readText(join(group, 'cpu.stat')), 'usage_usec');
  return rssBytes === null || cpuUs === null ? null : { rssBytes, cpuMs: cpuUs / 1000 };
}

async function askEngine(engine: Engine, id: string): Promise<Usage> {
  const query = { stream: 'false', 'one-shot': 'true' };
  const stats = await engine.json({ method: 'GET', path: `/containers/${id}/stats`, query }, Stats);
  const { usage = 0, stats: memory } = stats.memory_stats;
  return { rssBytes: memory?.anon ?? memory?.rss ?? usage, cpuMs: stats.cpu_stats.cpu_usage.total_usage / 1e6 };
}

function fieldOf(text: string | null, name: string): number | null {
  const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '')?.[1];
  return value === undefined ? null : Number(value);
}
