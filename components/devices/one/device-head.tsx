'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { DevicePage } from '@/server/queries/device-page.ts';
import { useForbidden } from '../../console/access.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { FactLine, PageHead } from '../../ui/page-head.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { RenameButton } from './rename-button.tsx';

/** Which device it is, and what can be done to it as a whole. */
export function DeviceHead({ page: { device } }: { page: DevicePage }) {
  const { facts, labels } = device;
  const { site, ...others } = labels;
  const line = [
    [facts.board ?? facts.cpuModel, facts.arch].filter(Boolean).join(', '),
    facts.agentVersion && `agent ${facts.agentVersion}`,
    ...Object.entries(others).map(([key, value]) => (value ? `${key} ${value}` : key)),
  ].filter((content) => content !== undefined && content !== '');
  return (
    <PageHead
      title={device.name}
      aside={device.decommissionedAt ? 'decommissioned' : site}
      sentence={
        <FactLine
          facts={[
            ...line.map((content) => ({ id: String(content), content })),
            ...(device.decommissionedAt
              ? [
                  {
                    id: 'gone',
                    content: (
                      <>
                        left on <Clock at={device.decommissionedAt} style="date" />
                      </>
                    ),
                  },
                ]
              : []),
          ]}
        />
      }
      actions={device.decommissionedAt ? undefined : <DeviceActions device={device} />}
    />
  );
}

function DeviceActions({ device }: Pick<DevicePage, 'device'>) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('devices:write');
  const decommission = useMutation(
    trpc.devices.decommission.mutationOptions({
      onSuccess: () => client.invalidateQueries(trpc.devices.page.queryFilter({ org, deviceId: device.id })),
    }),
  );
  return (
    <>
      <RenameButton deviceId={device.id} name={device.name} forbidden={forbidden} />
      <ConfirmButton
        label="Decommission…"
        variant="danger"
        forbidden={forbidden}
        typed={device.name}
        consequence={
          <>
            This device leaves the fleet for good: its certificate is revoked, its connection is cut, and its key is
            never accepted again. What it serves goes on until somebody stops it on the board. Its history stays.
          </>
        }
        confirmLabel="Decommission this device"
        onConfirm={() => decommission.mutateAsync({ org, deviceId: device.id })}
      />
    </>
  );
}
