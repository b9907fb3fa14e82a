import type { Scope } from './scope.ts';

export type CaptureSettings = { isAllowed: boolean; maxSamples: number };

/** Whether devices may be asked to keep inputs, and how many samples at once. */
export async function findCaptureSettings({ tx, organizationId }: Scope): Promise<CaptureSettings> {
  const { capturesAllowed, captureMaxSamples } = await tx.organization.findUniqueOrThrow({
    where: { id: organizationId },
    select: { capturesAllowed: true, captureMaxSamples: true },
  });
  return { isAllowed: capturesAllowed, maxSamples: captureMaxSamples };
}

export async function saveCaptureSettings(
  { tx, organizationId }: Scope,
  { isAllowed, maxSamples }: CaptureSettings,
): Promise<void> {
  const data = { capturesAllowed: isAllowed, captureMaxSamples: maxSamples };
  await tx.organization.update({ where: { id: organizationId }, data });
}
