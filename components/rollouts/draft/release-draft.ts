import type { Release, ReleaseInput } from '@flotilla/protocol';
import type * as z from 'zod';
import type { CreateRelease } from '@/server/services/releases/create-release.ts';
import { usual } from '../../models/release-words.ts';
import { type Field, toPercent, toShare } from './field.ts';

/** What becomes the release. */
export type ReleaseDraft = {
  source: ReleaseInput['source'];
  ratePerS: Field;
  speedRpm: Field;
  noise: Field;
  drift: Field;
  path: string;
  /** Empty: each device chooses. */
  threads: Field;
  tolerance: Field;
  maxLatencyP95Ms: Field;
  /** Percent. */
  minAccuracy: Field;
  /** What the release in service says beyond these fields, carried over. */
  base: Pick<Release, 'runtime' | 'settings' | 'proof' | 'observe'> | null;
};

/** A release for a model that serves nowhere yet: it waits for requests. */
export const defaultRelease: ReleaseDraft = {
  source: 'http',
  ratePerS: usual.ratePerS,
  speedRpm: usual.speedRpm,
  noise: usual.noise,
  drift: usual.drift,
  path: '/var/lib/inputs',
  threads: null,
  tolerance: 0.001,
  maxLatencyP95Ms: null,
  minAccuracy: null,
  base: null,
};

/** The same input, settings and limits as a release that serves now. */
export function releaseDraftOf({ input, settings, proof, runtime, observe }: Release): ReleaseDraft {
  return {
    ...defaultRelease,
    source: input.source,
    ...(input.source === 'synthetic' && {
      ratePerS: input.ratePerS,
      speedRpm: input.speedRpm,
      noise: input.noise,
      drift: input.drift,
    }),
    ...(input.source === 'folder' && { ratePerS: input.ratePerS, path: input.path }),
    threads: settings.threads ?? null,
    tolerance: proof.tolerance,
    maxLatencyP95Ms: proof.maxLatencyP95Ms ?? null,
    minAccuracy: proof.minAccuracy === undefined ? null : toPercent(proof.minAccuracy),
    base: { runtime, settings, proof, observe },
  };
}

/** What to ask the server for. The draft must be free of problems. */
export function toRelease(
  draft: ReleaseDraft,
  { model, version }: { model: string; version: string },
): z.input<typeof CreateRelease> {
  const { base, threads, tolerance, maxLatencyP95Ms, minAccuracy } = draft;
  const { threads: _threads, ...otherSettings } = base?.settings ?? {};
  const { maxLatencyP95Ms: _p95, minAccuracy: _accuracy, ...otherLimits } = base?.proof ?? {};
  return {
    model,
    version,
    ...(base && { runtime: base.runtime, observe: base.observe }),
    settings: { ...otherSettings, ...(threads !== null && { threads }) },
    input: toInput(draft),
    proof: {
      ...otherLimits,
      tolerance: tolerance ?? 0,
      ...(maxLatencyP95Ms !== null && { maxLatencyP95Ms }),
      ...(minAccuracy !== null && { minAccuracy: toShare(minAccuracy) }),
    },
  };
}

/** The input part of a release. */
export function toInput({ source, ratePerS, speedRpm, noise, drift, path }: ReleaseDraft): ReleaseInput {
  const rate = ratePerS ?? 1;
  if (source === 'http') return { source };
  if (source === 'folder') return { source, path: path.trim(), ratePerS: rate };
  return {
    source,
    generator: 'vibration',
    ratePerS: rate,
    speedRpm: speedRpm ?? 0,
    noise: noise ?? 0,
    drift: drift ?? 0,
  };
}
