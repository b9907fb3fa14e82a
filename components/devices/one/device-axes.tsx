'use client';

import type { Health } from '@/server/domain/device/axes.ts';
import type { DevicePage } from '@/server/queries/device-page.ts';
import { Status } from '../../status/status.tsx';
import { formatQuantity } from '../../ui/format.ts';
import { Axes, Axis } from '../../ui/section.tsx';
import { Age, Clock } from '../../ui/time.tsx';
import { updateWord } from '../update-word.ts';

const HEALTH_NOTES: Record<Health, string> = {
  healthy: 'serves, with few or no errors in the last ten minutes',
  attention: 'errors or throttling in the last ten minutes',
  critical: 'more than one inference in ten fails',
  unknown: 'no telemetry in the last ten minutes',
};

/** The three axes of one device, each with since when and with what is behind it. */
export function DeviceAxes({ page }: { page: DevicePage }) {
  const { connectivity, health, update } = page.status;
  return (
    <Axes>
      <Axis title="Connectivity" note={<HeardNote page={page} />}>
        <Status axis="connectivity" value={connectivity.value} since={connectivity.since} size="lg" />
      </Axis>
      <Axis title="Health" note={HEALTH_NOTES[health.value]}>
        <Status axis="health" value={health.value} since={health.since} size="lg" />
      </Axis>
      <Axis title="Update" note={<UpdateNote page={page} />}>
        <Status
          axis="update"
          value={update.value}
          since={update.since}
          word={updateWord({ status: page.status, deployment: page.device.deployment })}
          size="lg"
        />
      </Axis>
    </Axes>
  );
}

function HeardNote({ page: { device } }: { page: DevicePage }) {
  if (device.lastHeardAt === null) return 'enrolled, not heard yet';
  const offset = device.clockOffsetMs;
  return (
    <>
      <Age at={device.lastHeardAt} before="heard " after=" ago" />
      {offset !== null &&
        `, clock ${offset === 0 ? 'agrees' : formatQuantity(offset / 1000, 's', { signed: true, digits: 1 })}`}
    </>
  );
}

function UpdateNote({ page }: { page: DevicePage }) {
  const { serving } = page.device;
  const { value } = page.status.update;
  const now = serving ? `${serving.modelName} ${serving.version}` : null;
  if (value === 'up-to-date') return now ? `serves ${now}` : 'serves nothing, as wanted';
  if (value === 'unassigned') return 'nothing was rolled out to it yet';
  const reason = page.deployments.find(({ id }) => id === page.device.deployment?.id)?.reason;
  return (
    <>
      {now ? `${now} keeps serving` : 'nothing serves yet'}
      {reason?.nextTryAt !== undefined && (
        <>
          , next try <Clock at={reason.nextTryAt} style="minute" />
        </>
      )}
    </>
  );
}
