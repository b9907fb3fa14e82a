import { parseArgs } from 'node:util';
import * as z from 'zod';
import { type Scenario, withDrift, withoutDrift } from './drift/scenarios.ts';
import { type CourseResult, PER_REFERENCE } from './drift/simulate.ts';
import type { Part } from './drift/worker.ts';
import { inWorkers } from './in-workers.ts';

const Flags = z.object({
  /** Device-days of each scenario without drift, and a third of that with drift. */
  days: z.coerce.number().int().min(60).max(100_000).default(300),
});

type Figures = { key: string; ours: number; naive: number; isAlike: boolean };

/** False alarms on device-days without drift, and hours until drift is found, of the product's rule and of PSI > 0.1 on the same counts. */
export async function run(argv: string[]): Promise<object> {
  const { values } = parseArgs({ args: argv, options: { days: { type: 'string' } } });
  const { days } = Flags.parse(values);
  const startedMs = performance.now();
  heading('no drift: days with a false alarm', 'days', 9);
  const falseAlarms: Figures[] = [];
  for (const [at, scenario] of withoutDrift.entries()) {
    const results = await simulate(scenario, days, at);
    const [ours, naive] = [percent(results, ({ hour }) => hour), percent(results, ({ naiveHour }) => naiveHour)];
    row(scenario, results, [`${ours} %`, `${naive} %`], 9);
    falseAlarms.push({ key: scenario.key, ours, naive, isAlike: scenario.course.likeness !== undefined });
  }
  console.log('');
  heading('drift: hours until found (50 / 90 %)', 'times', 12);
  const found: Record<string, number | null> = {};
  for (const [at, scenario] of withDrift.entries()) {
    const results = await simulate(scenario, Math.ceil(days / 3), 100 + at);
    const [ours, naive] = [results.map(({ hour }) => hour), results.map(({ naiveHour }) => naiveHour)];
    row(scenario, results, [words(ours), words(naive)], 12);
    found[`${scenario.key}Hours50`] = hourBy(ours, 0.5);
    found[`${scenario.key}Hours90`] = hourBy(ours, 0.9);
  }
  return {
    falseAlarmPercentPerDeviceDay: most(falseAlarms.filter(({ isAlike }) => !isAlike)),
    falseAlarmPercentPerDeviceDayAlike: most(falseAlarms.filter(({ isAlike }) => isAlike)),
    naiveFalseAlarmPercentPerDeviceDay: Math.max(...falseAlarms.map(({ naive }) => naive)),
    deviceDays: withoutDrift.length * days,
    ...Object.fromEntries(falseAlarms.map(({ key, ours }) => [`${key}FalseAlarmPercent`, ours])),
    ...found,
    seconds: Math.round((performance.now() - startedMs) / 1000),
  };
}

/** The seeds of a scenario are its own, those of its parts follow one another. */
async function simulate({ course }: Scenario, times: number, number: number): Promise<CourseResult[]> {
  const parts = Array.from({ length: Math.ceil(times / PER_REFERENCE) }, (_, at) => ({
    course,
    times: Math.min(PER_REFERENCE, times - at * PER_REFERENCE),
    seed: (number + 1) * 10_000 + at,
  }));
  const module = new URL('./drift/worker.ts', import.meta.url);
  return (await inWorkers<Part, CourseResult[]>(module, parts)).flat();
}

function heading(title: string, unit: string, width: number): void {
  console.log(`  ${title.padEnd(46)}${unit.padStart(6)}${'ours'.padStart(width)}${'PSI > 0.1'.padStart(width + 2)}`);
}

function row(
  { title }: Scenario,
  { length }: readonly CourseResult[],
  [ours = '', naive = '']: string[],
  width: number,
) {
  console.log(`  ${title.padEnd(46)}${String(length).padStart(6)}${ours.padStart(width)}${naive.padStart(width + 2)}`);
}

function most(all: readonly Figures[]): number {
  return Math.max(...all.map(({ ours }) => ours));
}

function percent(results: readonly CourseResult[], hourOf: (result: CourseResult) => number | null): number {
  return Number(((100 * results.filter((each) => hourOf(each) !== null).length) / results.length).toFixed(2));
}

function words(hours: readonly (number | null)[]): string {
  return `${hourBy(hours, 0.5) ?? '–'} / ${hourBy(hours, 0.9) ?? '–'}`;
}

/** The hour by whose end this share had an alarm; null when it never had. */
function hourBy(hours: readonly (number | null)[], share: number): number | null {
  const sorted = hours.map((hour) => hour ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const at = sorted[Math.ceil(share * sorted.length) - 1];
  return at === undefined || !Number.isFinite(at) ? null : at;
}
