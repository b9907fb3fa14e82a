import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RestClient } from '../local/rest-client.ts';
import { until } from '../local/until.ts';

const MODEL = 'vibration-fault';
const models = resolve(import.meta.dirname, '../../../agent/demo-models');

/** One machine simulated on each device: what comes in, and what a device checks before it serves. */
const input = { source: 'synthetic', generator: 'vibration', ratePerS: 20, speedRpm: 1800, noise: 0.25, drift: 0 };
const observe = { seconds: 5 };

type Rollout = { id: string; state: string; waves: { state: string }[] };
type Page<T> = { items: T[] };

/** Registers a version of the demo model with its golden inputs and labels, unless it is there. */
export async function registerVersion(rest: RestClient, version: string): Promise<void> {
  const known = await rest.call<Page<{ version: string }>>('GET', `/models/${MODEL}/versions`);
  if (known.items.some((each) => each.version === version)) return;
  const form = new FormData();
  const name = `${MODEL}-${version}`;
  for (const [role, path] of [
    ['model', `${name}.onnx`],
    ['golden', `${name}.golden.json`],
    ['labels', 'labels.json'],
  ] as const) {
    form.append(role, new Blob([await readFile(join(models, path))]), path);
  }
  await rest.call('POST', `/models/${MODEL}/versions?version=${version}`, form);
}

export async function makeRelease(rest: RestClient, version: string): Promise<string> {
  const { id } = await rest.call<{ id: string }>('POST', '/releases', {
    model: MODEL,
    version,
    input,
    observe,
    proof: { tolerance: 0.001, runs: 50 },
  });
  return id;
}

/** Waits until this many devices are connected. */
export function untilOnline(rest: RestClient, count: number): Promise<true> {
  return until(`${count} devices to connect`, 60_000, async () => {
    const { items } = await rest.call<Page<unknown>>('GET', '/devices?connectivity=online&limit=200');
    return items.length >= count ? true : null;
  });
}

/** Version 1 goes to all devices at once: the fleet's state before the rollout that the demo is about. */
export async function rollOutFirst(
  rest: RestClient,
  releaseId: string,
  { selector = '', timeoutMs = 90_000 } = {},
): Promise<void> {
  const all = { name: 'Everyone', size: { percent: 100 }, success: { minPercent: 100 }, bake: { seconds: 0 } };
  const { id } = await rest.call<Rollout>('POST', '/rollouts', {
    releaseId,
    plan: { selector, waves: [all], timeoutS: Math.max(120, timeoutMs / 1000) },
    start: true,
  });
  await untilOver(rest, id, timeoutMs);
}

/** Version 2 in three waves, each baking while its telemetry is judged. */
export async function rollOutNext(rest: RestClient, releaseId: string, bakeSeconds: number): Promise<string> {
  const gates = [
    { metric: 'error_rate', limit: 0.01, minInferences: 50 },
    { metric: 'accuracy', limit: 0.85, minInferences: 50 },
  ];
  const bake = { seconds: bakeSeconds, gates };
  const waves = [
    { name: 'Canary', size: { count: 1 }, bake },
    { name: 'Half', size: { percent: 50 }, bake },
    { name: 'Everyone', size: { percent: 100 }, bake },
  ];
  const { id } = await rest.call<Rollout>('POST', '/rollouts', {
    releaseId,
    plan: { waves, onErrors: 'roll-back', timeoutS: 300 },
    start: true,
  });
  return id;
}

export async function untilOver(rest: RestClient, id: string, timeoutMs: number): Promise<void> {
  await until('the rollout to finish', timeoutMs, async () => {
    const { state } = await rest.call<Rollout>('GET', `/rollouts/${id}`);
    if (state === 'succeeded') return true;
    if (state !== 'running') throw new Error(`The rollout is ${state} instead of finishing.`);
    return null;
  });
}

/** Waits until telemetry of the version can be read back, and returns the number of inferences behind it. */
export function untilReported(rest: RestClient, releaseVersion: string): Promise<number> {
  return until(`telemetry of ${MODEL} ${releaseVersion}`, 60_000, async () => {
    const version = await rest.call<{ id: string }>('GET', `/models/${MODEL}/versions/${releaseVersion}`);
    const to = new Date();
    const query = {
      metrics: ['latency_p95_ms', 'accuracy', 'energy_mj'],
      versionIds: [version.id],
      from: new Date(to.getTime() - 600_000).toISOString(),
      to: to.toISOString(),
    };
    const { series } = await rest.call<{ series: { metric: string; points: { value: number | null; n: number }[] }[] }>(
      'POST',
      '/telemetry/query',
      query,
    );
    const measured = series.filter(({ points }) => points.some(({ value }) => value !== null));
    return measured.length === query.metrics.length ? series[0]?.points.reduce((sum, { n }) => sum + n, 0) : null;
  });
}
