import { type Scenario, scenarios } from './gates/scenarios.ts';
import type { BakeResult } from './gates/simulate.ts';
import type { Part } from './gates/worker.ts';
import { inWorkers } from './in-workers.ts';

/** Bakes of one part: small enough that the workers end together. */
const PART = 500;

/**
 * What the engine's gates say of simulated bakes: unequal devices, windows that are like their neighbours, a rhythm of the day, and
 * periods that have a level of their own. Beside them tests made for one look, repeated at every look, on the same bakes.
 */
export async function run(): Promise<object> {
  const startedMs = performance.now();
  const results = await simulateAll();
  const found = (name: string) => results.get(name) ?? [];
  print(results);
  const falseBreachPercent = brokenPercent(found('null'));
  const naivePercent = percentOf(
    found('null').filter(({ isNaive }) => isNaive !== null),
    ({ isNaive }) => isNaive === true,
  );
  const few = ['null-1', 'null-2', 'null-3', 'null-4', 'null-5'].map((name) => brokenPercent(found(name)));
  console.log(
    `\n  Tests made for one look break ${naivePercent} % of the same bakes, ${ratio(naivePercent, falseBreachPercent)} times as many.`,
  );
  return {
    falseBreachPercent,
    powerLatency20Percent: brokenPercent(found('latency')),
    powerAccuracy5Points: brokenPercent(found('accuracy')),
    windowsToErrors10x: windowOf(found('errors'), 0.9),
    falseBreachFewDevicesPercent: Math.max(...few),
    falseBreachMonitoringPercent: Math.max(
      ...['null-monitoring', 'null-monitoring-1'].map((name) => brokenPercent(found(name))),
    ),
    falseBreachWithoutBeforePercent: Math.max(
      ...['null-others', 'null-others-1'].map((name) => brokenPercent(found(name))),
    ),
    powerEstimated5Points: brokenPercent(found('estimated')),
    powerDrift: brokenPercent(found('drift')),
    naiveFalseBreachPercent: naivePercent,
    seconds: Math.round((performance.now() - startedMs) / 1000),
  };
}

async function simulateAll(): Promise<Map<string, BakeResult[]>> {
  const parts: Part[] = scenarios.flatMap(({ name, times }, at) =>
    Array.from({ length: Math.ceil(times / PART) }, (_, part) => ({
      name,
      times: Math.min(PART, times - part * PART),
      seed: at * 1_000 + part + 1,
    })),
  );
  const baked = await inWorkers<Part, BakeResult[]>(new URL('./gates/worker.ts', import.meta.url), parts);
  const results = new Map<string, BakeResult[]>(scenarios.map(({ name }) => [name, []]));
  for (const [at, { name }] of parts.entries()) results.get(name)?.push(...(baked[at] ?? []));
  return results;
}

function print(results: ReadonlyMap<string, BakeResult[]>): void {
  console.log(
    `  ${'bake'.padEnd(34)}${'bakes'.padStart(7)}${'broken'.padStart(10)}${'by window (50/90 %)'.padStart(22)}   must`,
  );
  for (const { name, title, must, bake } of scenarios) {
    const bakes = results.get(name) ?? [];
    const window = bake.effect ? `${windowOf(bakes, 0.5) ?? '–'} / ${windowOf(bakes, 0.9) ?? '–'}` : '';
    const broken = `${brokenPercent(bakes)} %`;
    console.log(
      `  ${label({ title, bake }).padEnd(34)}${String(bakes.length).padStart(7)}${broken.padStart(10)}${window.padStart(22)}   ${must}`,
    );
  }
}

function label({ title, bake }: Pick<Scenario, 'title' | 'bake'>): string {
  return bake.effect ? title : `nothing: ${title}`;
}

function brokenPercent(bakes: readonly BakeResult[]): number {
  return percentOf(bakes, ({ brokenAt }) => brokenAt !== null);
}

function percentOf(bakes: readonly BakeResult[], is: (bake: BakeResult) => boolean): number {
  return Number(((100 * bakes.filter(is).length) / bakes.length).toFixed(2));
}

/** The window by which this share of bakes was broken; null when it never was. */
function windowOf(bakes: readonly BakeResult[], share: number): number | null {
  const sorted = bakes.map(({ brokenAt }) => brokenAt ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const at = sorted[Math.ceil(share * sorted.length) - 1];
  return at === undefined || !Number.isFinite(at) ? null : at;
}

function ratio(a: number, b: number): string {
  return b === 0 ? 'endlessly' : (a / b).toFixed(0);
}
