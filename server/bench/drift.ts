import { type Course, type CourseResult, simulateCourses } from './drift/simulate.ts';
import { randomOf } from './gates/random.ts';

/** Of each kind, 2,100 device-days together. */
const DAYS = 300;

type Scenario = { title: string; days: number; course: Course };

const day = { features: 8, perHour: 200, reference: 10_000, hours: 24 };
const alike = { ...day, perHour: 600 };
const learned = { ...alike, features: 4, reference: 'learned' as const };
const without: Scenario[] = [
  { title: '8 features, 200 samples an hour', days: DAYS, course: day },
  { title: '1 feature, 200 samples an hour', days: DAYS, course: { ...day, features: 1 } },
  { title: '8 features, 50 samples an hour', days: DAYS, course: { ...day, perHour: 50 } },
  { title: '4 features, 1,000 samples an hour', days: DAYS, course: { ...day, features: 4, perHour: 1_000 } },
  { title: '8 features, reference of 2,000', days: DAYS, course: { ...day, reference: 2_000 } },
  { title: '8 features, each like the last (0.8)', days: DAYS, course: { ...alike, likeness: 0.8 } },
  { title: '4 features, each like the last (0.9)', days: DAYS, course: { ...alike, features: 4, likeness: 0.9 } },
  { title: '4 features, each like the last (0.95)', days: DAYS, course: { ...alike, features: 4, likeness: 0.95 } },
  { title: '4 features, like the last (0.8), learned', days: DAYS, course: { ...learned, likeness: 0.8 } },
  { title: '4 features, like the last (0.95), learned', days: DAYS, course: { ...learned, likeness: 0.95 } },
];
const drifted: Scenario[] = [
  { title: 'moved by 0.3 σ, 200 an hour', days: 100, course: { ...day, hours: 72, drift: { shift: 0.3, spread: 1 } } },
  { title: 'moved by 0.5 σ, 200 an hour', days: 100, course: { ...day, hours: 72, drift: { shift: 0.5, spread: 1 } } },
  { title: 'moved by 1 σ, 200 an hour', days: 100, course: { ...day, hours: 72, drift: { shift: 1, spread: 1 } } },
  { title: 'spread × 1.5, 200 an hour', days: 100, course: { ...day, hours: 72, drift: { shift: 0, spread: 1.5 } } },
  {
    title: 'moved by 0.5 σ, 1,000 an hour',
    days: 100,
    course: { ...day, features: 4, perHour: 1_000, hours: 72, drift: { shift: 0.5, spread: 1 } },
  },
  {
    title: 'moved by 0.5 σ, like the last (0.8)',
    days: 100,
    course: { ...alike, hours: 72, likeness: 0.8, drift: { shift: 0.5, spread: 1 } },
  },
  {
    title: 'moved by 0.5 σ, like the last (0.8), learned',
    days: 100,
    course: { ...learned, hours: 72, likeness: 0.8, drift: { shift: 0.5, spread: 1 } },
  },
];

/** False alarms on device-days without drift, and hours until drift is found, of the product's rule and of PSI > 0.1 on the same counts. */
export async function run(): Promise<object> {
  const startedMs = performance.now();
  console.log(
    `  ${'no drift: days with a false alarm'.padEnd(42)}${'days'.padStart(6)}${'ours'.padStart(9)}${'PSI > 0.1'.padStart(11)}`,
  );
  const falseAlarms = without.map(({ title, days, course }, at) => {
    const results = simulate(days, course, at);
    const [ours, naive] = [percent(results, ({ hour }) => hour), percent(results, ({ naiveHour }) => naiveHour)];
    console.log(
      `  ${title.padEnd(42)}${String(days).padStart(6)}${`${ours} %`.padStart(9)}${`${naive} %`.padStart(11)}`,
    );
    return { ours, naive, isAlike: course.likeness !== undefined };
  });
  console.log(
    `\n  ${'drift: hours until found (50 / 90 %)'.padEnd(42)}${'times'.padStart(6)}${'ours'.padStart(12)}${'PSI > 0.1'.padStart(12)}`,
  );
  const hours = drifted.map(({ title, days, course }, at) => {
    const results = simulate(days, course, 100 + at);
    const [ours, naive] = [results.map(({ hour }) => hour), results.map(({ naiveHour }) => naiveHour)];
    console.log(
      `  ${title.padEnd(42)}${String(days).padStart(6)}${words(ours).padStart(12)}${words(naive).padStart(12)}`,
    );
    return { half: hourBy(ours, 0.5), most: hourBy(ours, 0.9) };
  });
  return {
    falseAlarmPercentPerDeviceDay: most(falseAlarms.filter(({ isAlike }) => !isAlike)),
    falseAlarmPercentPerDeviceDayAlike: most(falseAlarms.filter(({ isAlike }) => isAlike)),
    naiveFalseAlarmPercentPerDeviceDay: Math.max(...falseAlarms.map(({ naive }) => naive)),
    deviceDays: without.reduce((sum, { days }) => sum + days, 0),
    hoursToHalfSigma50: hours[1]?.half ?? null,
    hoursToHalfSigma90: hours[1]?.most ?? null,
    hoursToOneSigma90: hours[2]?.most ?? null,
    seconds: Math.round((performance.now() - startedMs) / 1000),
  };
}

function most(all: readonly { ours: number }[]): number {
  return Math.max(...all.map(({ ours }) => ours));
}

function simulate(times: number, course: Course, seed: number): CourseResult[] {
  return simulateCourses(times, course, randomOf(1_000 + seed));
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
