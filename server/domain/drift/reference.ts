import { CONFIDENCE_BINS, Count, type ReferenceProfile } from '@flotilla/protocol';
import * as z from 'zod';
import { type FeatureSums, type HourSums, scoresOf } from './hour-sums.ts';
import { countOnEdges, learnEdges } from './sketch-bins.ts';
import { likenessOf, scoresOfCounts } from './stretches.ts';

/** What may drift: a feature of the inputs, which answer was given, or how sure the model was of it. */
export const driftKinds = ['input', 'answer', 'confidence'] as const;
export type DriftKind = (typeof driftKinds)[number];

/**
 * One distribution as it is when all is well. `edges` as in a reference profile; null where bins are classes. The last element of
 * `counts` are missing values. `likeness`: how many of its samples stand for one that is independent of the others.
 */
export const ReferenceBins = z.object({
  kind: z.enum(driftKinds),
  name: z.string(),
  edges: z.array(z.number()).nullable(),
  counts: z.array(Count),
  likeness: z.number().min(1).optional(),
});
export type ReferenceBins = z.infer<typeof ReferenceBins>;

/** Answers and confidence are one distribution each, with a fixed name. */
export const ANSWER = 'answer';
export const CONFIDENCE = 'confidence';

const CONFIDENCE_EDGES = Array.from({ length: CONFIDENCE_BINS - 1 }, (_, at) => (at + 1) / CONFIDENCE_BINS);

export function binsOfProfile({ features, outputs }: ReferenceProfile): ReferenceBins[] {
  return [
    ...features.map(({ name, edges, counts, missing }) => ({
      kind: 'input' as const,
      name,
      edges,
      counts: [...counts, missing],
    })),
    ...answerBins(outputs ?? {}),
  ];
}

/** What hours of good service looked like: deciles of each feature, answers and confidence as they were counted. */
export function binsOfHours(sums: HourSums): ReferenceBins[] {
  const features = Object.entries(sums.features).flatMap(([name, feature]): ReferenceBins[] => {
    const edges = learnEdges(feature);
    if (edges.length === 0) return [];
    return [{ kind: 'input', name, edges, counts: [...countOnEdges(feature, edges), feature.missing] }];
  });
  return [...features, ...answerBins(sums)].map((bins) => ({ ...bins, likeness: likenessIn(bins, sums) }));
}

/** How many samples stand for one that is independent of the others. Of answers it is taken from the confidence. */
export function likenessIn({ kind, name }: Pick<ReferenceBins, 'kind' | 'name'>, sums: HourSums): number {
  if (kind !== 'input') return likenessOf(sums.confidenceStretches, scoresOfCounts(sums.confidence ?? []));
  const feature = sums.features[name];
  return feature ? likenessOf(feature.stretches, scoresOf(feature)) : 1;
}

/** The same distribution in what was counted since; null when nothing was, or on other edges. */
export function countsOn({ kind, name, edges, counts }: ReferenceBins, sums: HourSums): number[] | null {
  if (kind === 'answer') return sums.classCounts ? padded([...sums.classCounts], counts.length - 1) : null;
  if (kind === 'confidence') return sums.confidence ? [...sums.confidence, 0] : null;
  const feature = sums.features[name];
  if (!feature || edges === null) return null;
  if (feature.counts) return feature.counts.length === edges.length + 1 ? [...feature.counts, feature.missing] : null;
  return hasSketch(feature) ? [...countOnEdges(feature, edges), feature.missing] : null;
}

/** For each kind, what the version was registered with; where it says nothing of a kind, what was learned. */
export function combinedBins(
  registered: readonly ReferenceBins[],
  learned: readonly ReferenceBins[],
): { bins: ReferenceBins; isLearned: boolean }[] {
  return driftKinds.flatMap((kind) => {
    const own = registered.filter((each) => each.kind === kind);
    const isLearned = own.length === 0;
    return (isLearned ? learned.filter((each) => each.kind === kind) : own).map((bins) => ({ bins, isLearned }));
  });
}

function answerBins({ classCounts, confidence }: Pick<HourSums, 'classCounts' | 'confidence'>): ReferenceBins[] {
  return [
    ...(classCounts ? [{ kind: 'answer' as const, name: ANSWER, edges: null, counts: [...classCounts, 0] }] : []),
    ...(confidence
      ? [{ kind: 'confidence' as const, name: CONFIDENCE, edges: CONFIDENCE_EDGES, counts: [...confidence, 0] }]
      : []),
  ];
}

function hasSketch({ positive, negative }: FeatureSums): boolean {
  return positive !== undefined || negative !== undefined;
}

/** Classes that were not seen have no count yet; those beyond the reference's are together in the last place, with what is missing. */
function padded(classCounts: readonly number[], classes: number): number[] {
  const within = Array.from({ length: classes }, (_, at) => classCounts[at] ?? 0);
  return [...within, classCounts.slice(classes).reduce((sum, count) => sum + count, 0)];
}
