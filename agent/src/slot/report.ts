import type { SlotReport } from '@flotilla/protocol';
import type { SlotState } from './state.ts';

export type Progress = { bytes: number; totalBytes: number };

/** What the server is told about a slot. */
export function slotReport(state: SlotState, progress: Progress | null): SlotReport {
  const { phase, since, target, serving, reason, proof, attempts } = state;
  return {
    phase,
    since,
    ...(target && { deployment: target.deployment, releaseId: target.release.id }),
    ...(serving && {
      serving: {
        releaseId: serving.release.id,
        deployment: serving.deployment,
        modelName: serving.release.model.name,
        modelVersion: serving.release.model.version,
        sha256: serving.release.model.sha256,
        since: serving.since,
      },
    }),
    ...(progress && { progress }),
    ...(reason && { reason }),
    ...(proof && { proof }),
    ...(attempts > 0 && { attempts }),
  };
}
