import type { ProofMeasure, ProofReport, ReleaseProof } from '@flotilla/protocol';
import type * as z from 'zod';
import { ABSENT, formatNumber, formatQuantity, NBSP } from '../../ui/format.ts';
import { powerNote } from '../power-note.ts';

type Limits = z.infer<typeof ReleaseProof>;

/** One line of a proof: what the candidate measured, what the version in service measured beside it, and what was allowed. */
export type ProofRow = { name: string; candidate: string; running: string; limit: string; isBroken: boolean };

/** Runner memory is limited and reported by the agent in MiB. */
const MIB = 1_048_576;

const mib = (bytes: number) => `${formatNumber(bytes / MIB, 1)}${NBSP}MiB`;
const ms = (value: number) => formatQuantity(value, 'ms', { digits: 2 });
const mj = (value: number) => formatQuantity(value, 'mJ');
const share = (value: number) => formatQuantity(value, 'share', { digits: 4 });
const plain = (value: number) => (value === 0 ? '0' : value.toPrecision(2));

type RowSpec = {
  name: string;
  pick: (measure: ProofMeasure) => number | undefined;
  limit?: (limits: Limits) => number | undefined;
  isFloor?: boolean;
  write: (value: number) => string;
};

function specs(powerSource: string | undefined): RowSpec[] {
  const source = powerNote(powerSource ? [powerSource] : []);
  return [
    { name: 'Latency p95', pick: (each) => each.latencyP95Ms, limit: (limits) => limits.maxLatencyP95Ms, write: ms },
    { name: 'Latency p50', pick: (each) => each.latencyP50Ms, write: ms },
    {
      name: source ? `Energy per inference, ${source}` : 'Energy per inference',
      pick: (each) => each.energyMj,
      limit: (limits) => limits.maxEnergyMj,
      write: mj,
    },
    {
      name: 'Memory',
      pick: (each) => each.rssBytes,
      limit: ({ maxRssMb }) => (maxRssMb === undefined ? undefined : maxRssMb * MIB),
      write: mib,
    },
    {
      name: 'Golden outputs, largest difference',
      pick: (each) => each.goldenMaxDifference,
      limit: (limits) => limits.tolerance,
      write: plain,
    },
    {
      name: 'Accuracy',
      pick: (each) => each.accuracy,
      limit: (limits) => limits.minAccuracy,
      isFloor: true,
      write: share,
    },
  ];
}

/** The rows of a proof that say something: measured on this device, or limited by the release. */
export function proofRows(report: ProofReport, limits: Limits | null): ProofRow[] {
  return specs(report.powerSource).flatMap(({ name, pick, limit, isFloor, write }) => {
    const [candidate, running] = [pick(report.candidate), report.running && pick(report.running)];
    const bound = limits === null ? undefined : limit?.(limits);
    if (candidate === undefined) return [];
    return [
      {
        name,
        candidate: write(candidate),
        running: running === undefined ? ABSENT : write(running),
        limit: bound === undefined ? 'none' : `${isFloor ? '≥' : '≤'}${NBSP}${write(bound)}`,
        isBroken: bound !== undefined && (isFloor ? candidate < bound : candidate > bound),
      },
    ];
  });
}
