import { addClusters, clusterOf } from '../../domain/drift/clusters.ts';
import { psi } from '../../domain/drift/distances.ts';
import { emptyHour, type FeatureSums, type HourSums } from '../../domain/drift/hour-sums.ts';
import { profileFeatures } from '../../domain/drift/profile.ts';
import type { ReferenceBins } from '../../domain/drift/reference.ts';
import { type Drift, driftsOf, HOUR_MS, newWatch, takeHour, type Watch } from '../../domain/drift/watch.ts';
import type { Random } from '../gates/random.ts';

export type Course = {
  features: number;
  /** Samples an hour. */
  perHour: number;
  /** Samples of the reference. */
  reference: number;
  hours: number;
  /** How alike a sample is to the one before it: 0 not at all, 1 the same. */
  likeness?: number;
  /** From hour 0 on, the first feature is moved by so many standard deviations, and spread by this factor. */
  drift?: { shift: number; spread: number };
};

/** The hour by whose end an alarm was given; null for none. `naive` is the field's rule: PSI above 0.1 in one window. */
export type CourseResult = { hour: number | null; naiveHour: number | null };

/** Courses that share a reference, as devices that run one version do. */
const PER_REFERENCE = 20;

/** Devices over some hours each, their features normal and independent of each other. */
export function simulateCourses(times: number, course: Course, random: Random): CourseResult[] {
  let reference: ReferenceBins[] = [];
  return Array.from({ length: times }, (_, at) => {
    if (at % PER_REFERENCE === 0) reference = makeReference(course, random);
    return simulateCourse(course, reference, random);
  });
}

function simulateCourse(course: Course, reference: readonly ReferenceBins[], random: Random): CourseResult {
  const draws = reference.map(() => drawer(random, course.likeness ?? 0));
  let watch: Watch = newWatch;
  const result: CourseResult = { hour: null, naiveHour: null };
  for (let hour = 0; hour < course.hours && result.hour === null; hour += 1) {
    const sums = emptyHour();
    sums.inferences = course.perHour;
    for (const [at, bins] of reference.entries())
      sums.features[bins.name] = hourOfDraws(bins, draws[at], course, at === 0, hour);
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
    name: `x[${at}]`,
    input: 'x',
    of: { element: at },
  }));
  const samples = Array.from(
    { length: reference },
    () => new Map([['x', Array.from({ length: features }, random.normal)]]),
  );
  return profileFeatures(definitions, samples).map(({ name, edges, counts, missing }) => ({
    kind: 'input',
    name,
    edges,
    counts: [...counts, missing],
  }));
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

/** Minutes of one telemetry window; shorter ones change nothing but the time this takes. */
const WINDOW_MINUTES = 5;

function hourOfDraws(
  bins: ReferenceBins,
  draw: (() => number) | undefined,
  course: Course,
  isDrifting: boolean,
  hour: number,
): FeatureSums {
  const windows = 60 / WINDOW_MINUTES;
  const sums: FeatureSums = { counts: [], missing: 0 };
  for (let window = 0; window < windows; window += 1) {
    const [from, to] = [window, window + 1].map((at) => Math.round((at * course.perHour) / windows));
    const counts = countDraws(bins, draw, course, isDrifting, (to ?? 0) - (from ?? 0));
    const clusters = clusterOf(hour * HOUR_MS + window * WINDOW_MINUTES * 60_000, counts);
    sums.counts = counts.map((count, bin) => count + (sums.counts?.[bin] ?? 0));
    sums.clusters = sums.clusters ? addClusters(sums.clusters, clusters) : clusters;
  }
  return sums;
}

function countDraws(
  { edges }: ReferenceBins,
  draw: (() => number) | undefined,
  { drift }: Course,
  isDrifting: boolean,
  samples: number,
): number[] {
  const counts = new Array<number>((edges?.length ?? 0) + 1).fill(0);
  const { shift, spread } = isDrifting && drift ? drift : { shift: 0, spread: 1 };
  for (let n = 0; n < samples; n += 1) {
    const value = shift + spread * (draw?.() ?? 0);
    let bin = 0;
    for (; bin < counts.length - 1 && value >= (edges?.[bin] ?? 0); ) bin += 1;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

function isNaiveAlarm(reference: readonly ReferenceBins[], sums: HourSums): boolean {
  return reference.some(({ name, counts }) => psi(counts, [...(sums.features[name]?.counts ?? []), 0]) > 0.1);
}
