'use client';

import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { routes } from '../routes.ts';
import type { PaletteGroup } from '../shell/palette.tsx';
import { statusEntry } from '../status/registry.ts';
import { useTRPC } from '../trpc/client.ts';

/** The palette shows no more devices than this; typing finds the others. */
const MAX_DEVICES = 10;

/** How long typing may go on before devices are asked for. */
const TYPING_MS = 150;

/** What the palette offers beside navigation: things to make, and the devices that match what is typed; null when it is closed. */
export function usePaletteGroups(org: string, typed: string | null): PaletteGroup[] {
  const trpc = useTRPC();
  const [q] = useDebouncedValue((typed ?? '').trim().slice(0, 100), TYPING_MS);
  const devices = useQuery(
    trpc.devices.table.queryOptions(
      { org, limit: MAX_DEVICES, ...(q && { q }) },
      { enabled: typed !== null, placeholderData: keepPreviousData },
    ),
  );
  const rows = devices.data?.rows;
  return useMemo(() => {
    const at = routes.org(org);
    return [
      {
        group: 'Create',
        actions: [
          { id: 'enroll', label: 'Enroll a device', icon: 'plus', href: at.enrollment(), keywords: ['add', 'new'] },
          { id: 'alert-rule', label: 'New alert rule', icon: 'plus', href: at.newAlertRule(), keywords: ['notify'] },
          { id: 'rollout', label: 'New rollout', icon: 'plus', href: at.newRollout(), keywords: ['deploy', 'release'] },
        ],
      },
      {
        group: 'Alerts',
        actions: [
          { id: 'alert-rules', label: 'Alert rules', icon: 'alerts', href: at.alertRules(), keywords: ['limits'] },
          {
            id: 'alert-channels',
            label: 'Alert channels',
            icon: 'alerts',
            href: at.alertChannels(),
            keywords: ['mail', 'webhook', 'slack'],
          },
          { id: 'alert-mutes', label: 'Mute alerts', icon: 'alerts', href: at.alertMutes(), keywords: ['maintenance'] },
        ],
      },
      {
        group: 'Devices',
        actions: (rows ?? []).map(({ id, name, status, serving }) => ({
          id,
          label: name,
          description: [
            statusEntry('connectivity', status.connectivity.value).word,
            serving ? `${serving.modelName} ${serving.version}` : 'serves nothing',
          ].join(' · '),
          icon: 'devices' as const,
          href: at.device(id),
        })),
      },
    ];
  }, [org, rows]);
}
