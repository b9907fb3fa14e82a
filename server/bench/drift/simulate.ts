import { addToSketch, emptySketch, type FeatureCounts, sketchToWire } from '@flotilla/protocol';
import { psi } from '../../domain/drift/distances.ts';
import { addHour, emptyHour, type HourSums, hourOfWindow } from '../../domain/drift/hour-sums.ts';
import { LEARN_HOURS, learnHour, newLearning } from '../../domain/drift/learn.ts';
import { profileFeatures } from '../../domain/drift/profile.ts';
import { countsOn, type ReferenceBins } from '../../domain/drift/reference.ts';
import { type Drift, driftsOf, HOUR_MS, newWatch, takeHour, type Watch } from '../../domain/drift/watch.ts';
import type { Random } from '../gates/random.ts';

export type Course = {
  features: number;
  /** Samples an hour. */
  perHour: number;
  /** Independent samples of the reference; `learned`: from a day of one device, which counts in sketches from then on. */
  reference: number | 'learned';
  hours: number;
  /** How alike a sample is to the one before it: 0 not at all, 1 the same. */
  likeness?: number;
  /** From hour 0 on, the first feature is moved by so many standard deviations, and spread by this factor. */
  drift?: { shift: number; spread: number };
};

/** The hour by whose end an alarm was given; null for none. `naive` is the field's rule: PSI above 0.1 in one window. */
export type CourseResult = { hour: number | null; naiveHour: number | null };

/** Courses that share a reference, as devices that run one version do. */
export const PER_REFERENCE = 20;

/** Devices over some hours each, their features normal and independent of each other. */
export function simulateCourses(times: number, course: Course, random: Random): CourseResult[] {
  let reference: ReferenceBins[] = [];
  return Array.from({ length: times }, (_, at) => {
    if (at % PER_REFERENCE === 0)
      reference = course.reference === 'learned' ? learnReference(course, random) : makeReference(course, random);
    return simulateCourse(course, reference, random);
  });
}

function simulateCourse(course: Course, reference: readonly ReferenceBins[], random: Random): CourseResult {
  const device = simulateDevice(course, random, course.reference === 'learned' ? [] : reference);
  let watch: Watch = newWatch;
  const result: CourseResult = { hour: null, naiveHour: null };
  for (let hour = 0; hour < course.hours && result.hour === null; hour += 1) {
    const sums = device(hour, course.drift);
    if (result.naiveHour === null && isNaiveAlarm(reference, sums)) result.naiveHour = hour + 1;
    const step = takeHour(watch, { atMs: hour * HOUR_MS, sums }, reference);
    watch = step.watch;
    const drifts: Drift[] = step.isJudged ? driftsOf(watch, reference) : [];
    if (drifts.length > 0) result.hour = hour + 1;
  }
  return result;
}

function makeReference({ features, reference }: Course, random: Random): ReferenceBins[] {
  const definitions = Array.from({ length: features }, (_, at) => ({
    name: nameOf(at),
    input: 'x',
    of: { element: at },
  }));
  const samples = Array.from(
    { length: Number(reference) },
    () => new Map([['x', Array.from({ length: features }, random.normal)]]),
  );
  return profileFeatures(definitions, samples).map(({ name, edges, counts, missing }) => ({
    kind: 'input',
    name,
    edges,
    counts: [...counts, missing],
  }));
}

function learnReference(course: Course, random: Random): ReferenceBins[] {
  const device = simulateDevice(course, random, []);
  let step: ReturnType<typeof learnHour> = { learning: newLearning(), learned: null };
  for (let hour = 0; step.learned === null; hour += 1)
    step = learnHour(step.learning, { atMs: hour * HOUR_MS, sums: device(hour) }, LEARN_HOURS);
  return step.learned;
}

function nameOf(feature: number): string {
  return `x[${feature}]`;
}

/** Minutes of one telemetry window; shorter ones change nothing but the time this takes. */
const WINDOW_MINUTES = 5;

/** What one device counts in an hour: on the edges of a reference, or in sketches where it has none. Only the first feature drifts. */
function simulateDevice(course: Course, random: Random, reference: readonly ReferenceBins[]) {
  const draws = Array.from({ length: course.features }, () => drawer(random, course.likeness ?? 0));
  return (hour: number, drift: Course['drift'] = { shift: 0, spread: 1 }): HourSums => {
    const sums = emptyHour();
    const windows = 60 / WINDOW_MINUTES;
    for (let window = 0; window < windows; window += 1) {
      const [from, to] = [window, window + 1].map((at) => Math.round((at * course.perHour) / windows)) as [
        number,
        number,
      ];
      const inputs = draws.map((draw, feature): [string, FeatureCounts] => {
        const { shift, spread } = feature === 0 ? drift : { shift: 0, spread: 1 };
        const values = Array.from({ length: to - from }, () => shift + spread * draw());
        const edges = reference[feature]?.edges;
        return [nameOf(feature), edges ? { counts: countValues(values, edges) } : sketchValues(values)];
      });
      const startMs = hour * HOUR_MS + window * WINDOW_MINUTES * 60_000;
      const told = hourOfWindow({ startMs, inferences: to - from, errors: 0, inputs: Object.fromEntries(inputs) });
      if (told) addHour(sums, told);
    }
    return sums;
  };
}

/** Normal values, each like the one before (autoregressive of order one). */
function drawer({ normal }: Random, likeness: number): () => number {
  let value = normal();
  const fresh = Math.sqrt(1 - likeness * likeness);
  return () => {
    value = likeness * value + fresh * normal();
    return value;
  };
}

function countValues(values: readonly number[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    let bin = 0;
    for (; bin < edges.length && value >= (edges[bin] ?? 0); ) bin += 1;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

function sketchValues(values: readonly number[]): FeatureCounts {
  const [positive, negative] = [emptySketch(), emptySketch()];
  for (const value of values) addToSketch(value < 0 ? negative : positive, Math.abs(value));
  return { positive: sketchToWire(positive), negative: sketchToWire(negative) };
}

function isNaiveAlarm(reference: readonly ReferenceBins[], sums: HourSums): boolean {
  return reference.some((bins) => psi(bins.counts, countsOn(bins, sums) ?? bins.counts) > 0.1);
}
