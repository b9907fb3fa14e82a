import { PredictionSampling } from '@flotilla/protocol';
import type { CaptureSettings } from './capture-settings.ts';
import type { Scope } from './scope.ts';

export type DeviceSettings = {
  /** Which answers the devices report one by one; null when none. */
  predictions: PredictionSampling | null;
  captures: CaptureSettings;
};

type Row = CaptureSettings & { share: number; unsureBelow: number | null; maxPerWindow: number };

/** What the organization wants of all its devices. */
export async function findDeviceSettings({ tx, organizationId }: Scope): Promise<DeviceSettings> {
  const [row] = await tx.$queryRaw<Row[]>`
    SELECT prediction_share AS share, prediction_unsure_below AS "unsureBelow", prediction_max_per_window AS "maxPerWindow",
      captures_allowed AS "isAllowed", capture_max_samples AS "maxSamples" FROM organization WHERE id = ${organizationId}::uuid`;
  if (!row) throw new Error(`organization ${organizationId} is gone`);
  const { share, unsureBelow, maxPerWindow, isAllowed, maxSamples } = row;
  const unsure = unsureBelow === null ? {} : { lowConfidenceBelow: unsureBelow };
  return {
    predictions:
      share === 0 && unsureBelow === null ? null : PredictionSampling.parse({ share, maxPerWindow, ...unsure }),
    captures: { isAllowed, maxSamples },
  };
}
