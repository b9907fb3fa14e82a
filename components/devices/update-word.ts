import type { DeviceTableRow } from '@/server/queries/device-table.ts';
import { NBSP } from '../ui/format.ts';

/** A more telling word than the axis's own: the version, and how far its download is. */
export function updateWord({ status, deployment }: Pick<DeviceTableRow, 'status' | 'deployment'>): string | undefined {
  const version = deployment?.version;
  if (!version) return undefined;
  switch (status.update.value) {
    case 'rejected':
    case 'failed':
    case 'reverted':
      return `${version} ${status.update.value}`;
    case 'updating':
      return `${version} · ${stepWord(deployment)}`;
    case 'incompatible':
    case 'queued':
    case 'waiting':
    case 'up-to-date':
    case 'unassigned':
      return undefined;
  }
}

function stepWord({ state, bytes, totalBytes }: NonNullable<DeviceTableRow['deployment']>): string {
  if (state === 'downloading' && bytes !== null && totalBytes)
    return `${Math.floor((bytes / totalBytes) * 100)}${NBSP}%`;
  return state;
}
