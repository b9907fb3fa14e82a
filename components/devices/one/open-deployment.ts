import type { DeploymentView, DevicePage } from '@/server/queries/device-page.ts';

/**
 * The deployment that the page explains: of the newest of each slot that was not called back or overtaken, one that has not succeeded. The
 * one that the table of devices shows comes first, else that of another slot.
 */
export function openDeployment({
  deployments,
  device,
}: Pick<DevicePage, 'deployments'> & { device: Pick<DevicePage['device'], 'deployment'> }): DeploymentView | undefined {
  const standing = deployments.filter(({ state }) => state !== 'cancelled' && state !== 'superseded');
  const newest = standing.filter(({ slot }, at) => standing.findIndex((each) => each.slot === slot) === at);
  const open = newest.filter(({ state }) => state !== 'succeeded');
  return open.find(({ id }) => id === device.deployment?.id) ?? open[0];
}
