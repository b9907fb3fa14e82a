import type { DeviceTableRow } from '@/server/queries/device-table.ts';
import { Status } from '../status/status.tsx';
import { CompactRow } from '../table/compact-list.tsx';
import { Quantity } from '../ui/quantity.tsx';
import { VersionTag } from '../ui/tags.tsx';
import { updateWord } from './update-word.ts';

const CALM = ['healthy', 'up-to-date', 'unassigned', 'queued'];

/** A device as two lines, for a phone: its connectivity, and of the other axes what is not calm. */
export function DeviceCompact({ device }: { device: DeviceTableRow }) {
  const { name, status, serving, recent } = device;
  const { connectivity, health, update } = status;
  return (
    <CompactRow title={name} end={<Status axis="connectivity" value={connectivity.value} since={connectivity.since} />}>
      {!CALM.includes(health.value) && <Status axis="health" value={health.value} since={health.since} />}
      {!CALM.includes(update.value) && (
        <Status axis="update" value={update.value} since={update.since} word={updateWord(device)} />
      )}
      {serving && (
        <VersionTag id={`${serving.modelName}@${serving.version}`} name={serving.version} note={serving.modelName} />
      )}
      {recent && <Quantity value={recent.p95Ms} unit="ms" digits={1} isDim={connectivity.value !== 'online'} />}
    </CompactRow>
  );
}
