import type { ProofMeasure, ProofReport, Release } from '@flotilla/protocol';
import { ReasonError } from '../reason-error.ts';

const MIB = 1024 * 1024;

/** Does what was measured stay within the release's limits? Throws the first reason against it, with the report. */
export function judgeProof(report: ProofReport, mismatch: string | undefined, limits: Release['proof']): void {
  const refuse = (code: 'golden' | 'latency_p95' | 'rss' | 'energy' | 'accuracy', detail: string) => {
    throw new ReasonError(`proof.${code}`, detail, { proof: report });
  };
  const { candidate } = report;
  const { tolerance, maxLatencyP95Ms, maxRssMb, maxEnergyMj, minAccuracy } = limits;
  if (mismatch !== undefined) refuse('golden', mismatch);
  const difference = candidate.goldenMaxDifference;
  if (difference !== undefined && difference > tolerance) {
    refuse('golden', `an output is off by ${difference}, allowed is ${tolerance}`);
  }
  const over = (measured: number | undefined, limit: number | undefined) =>
    measured !== undefined && limit !== undefined && measured > limit;
  if (over(candidate.latencyP95Ms, maxLatencyP95Ms)) {
    refuse('latency_p95', `p95 is ${candidate.latencyP95Ms?.toFixed(3)} ms, allowed are ${maxLatencyP95Ms} ms`);
  }
  const rssMb = candidate.rssBytes === undefined ? undefined : candidate.rssBytes / MIB;
  if (over(rssMb, maxRssMb)) refuse('rss', `${rssMb?.toFixed(1)} MiB, allowed are ${maxRssMb} MiB`);
  if (over(candidate.energyMj, maxEnergyMj)) {
    const mj = candidate.energyMj?.toFixed(3);
    refuse(
      'energy',
      `${mj} mJ an inference (${report.powerSource ?? 'unknown source'}), allowed are ${maxEnergyMj} mJ`,
    );
  }
  if (minAccuracy !== undefined && candidate.accuracy !== undefined && candidate.accuracy < minAccuracy) {
    refuse('accuracy', `${candidate.accuracy.toFixed(4)}, at least ${minAccuracy} is asked for`);
  }
}

/** The part of a benchmark that is evidence. */
export function measureOf(
  result: { runs: number; latencyP50Ms: number; latencyP95Ms: number; rssBytes: number; accuracy?: number },
  golden: { cases: number; maxDifference: number } | undefined,
  energyMj: number | undefined,
): ProofMeasure {
  const { runs, latencyP50Ms, latencyP95Ms, rssBytes, accuracy } = result;
  return {
    runs,
    latencyP50Ms,
    latencyP95Ms,
    rssBytes,
    ...(energyMj !== undefined && { energyMj }),
    ...(golden && { goldenCases: golden.cases, goldenMaxDifference: golden.maxDifference }),
    ...(accuracy !== undefined && { accuracy }),
  };
}
