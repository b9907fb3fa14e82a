'use client';

import { useQuery } from '@tanstack/react-query';
import type { EventRow } from '@/server/queries/device-events.ts';
import type { DevicePage } from '@/server/queries/device-page.ts';
import { RangeMenu } from '../../charts/range-menu.tsx';
import { type ChartRange, useChartRange } from '../../charts/use-chart-range.ts';
import { AccuracySection } from '../../monitoring/accuracy-section.tsx';
import { DriftSection } from '../../monitoring/drift-section.tsx';
import { withQuery } from '../../routes.ts';
import { Page } from '../../shell/page.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { PageHead } from '../../ui/page-head.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Axes, Axis, Columns, Section } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { AgentSection } from './agent-section.tsx';
import { CommandSection } from './commands/command-section.tsx';
import { LogSection } from './commands/log-section.tsx';
import { DeviceAxes } from './device-axes.tsx';
import { DeviceCharts } from './device-charts.tsx';
import { DeviceEvents, EVENTS_PER_PAGE } from './device-events.tsx';
import { HardwareFacts, RefusedMessages, SlotFacts } from './device-facts.tsx';
import { DeviceHead } from './device-head.tsx';
import { LabelSection } from './label-section.tsx';
import { openDeployment } from './open-deployment.ts';
import { WhySection } from './why-section.tsx';

const NO_EVENTS: readonly EventRow[] = [];

/** One device: how it is, why it does not update if it does not, how it did, what it is. */
export function Device({ deviceId }: { deviceId: string }) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.devices.page.queryOptions({ org, deviceId }));
  const range = useChartRange(query.data?.device.createdAt);
  const events = useQuery(trpc.devices.events.queryOptions({ org, deviceId, limit: EVENTS_PER_PAGE }));
  const site = query.data?.device.labels.site;
  return (
    <Page
      crumbs={[
        { label: 'Devices', href: at.devices() },
        ...(site ? [{ label: site, href: withQuery(at.devices(), { label: `site=${site}` }) }] : []),
        { label: query.data?.device.name ?? 'Device' },
      ]}
      tools={<RangeMenu range={range} />}
    >
      <QueryView query={query} what="This device" head={<PageHead title="Device" />} skeleton={<DeviceSkeleton />}>
        {(page) => <FullDevice page={page} events={events.data ?? NO_EVENTS} range={range} />}
      </QueryView>
    </Page>
  );
}

type FullDeviceProps = { page: DevicePage; events: readonly EventRow[]; range: ChartRange };

function FullDevice({ page, events, range }: FullDeviceProps) {
  const { device } = page;
  const deployment = openDeployment(page);
  const isGone = device.decommissionedAt !== null;
  return (
    <>
      <DeviceHead page={page} />
      <DeviceAxes page={page} />
      {deployment && !isGone && <WhySection page={page} deployment={deployment} events={events} />}
      <Columns
        aside={
          <>
            {page.slots.map((slot) => (
              <SlotFacts key={slot.slot} page={page} slot={slot} />
            ))}
            <LabelSection deviceId={device.id} labels={device.labels} isGone={isGone} />
            <AgentSection page={page} />
            <HardwareFacts page={page} />
            <RefusedMessages refused={page.refused} />
          </>
        }
      >
        <DeviceCharts page={page} events={events} range={range} />
      </Columns>
      {device.serving && (
        <>
          <AccuracySection
            model={device.serving.modelName}
            version={device.serving.version}
            deviceId={device.id}
            range={range}
          />
          <DriftSection model={device.serving.modelName} version={device.serving.version} deviceId={device.id} />
        </>
      )}
      <CommandSection deviceId={device.id} isGone={isGone} />
      <DeviceEvents deviceId={device.id} newest={events} />
      <LogSection deviceId={device.id} />
    </>
  );
}

function DeviceSkeleton() {
  return (
    <>
      <Axes>
        {['Connectivity', 'Health', 'Update'].map((title) => (
          <Axis key={title} title={title}>
            <SkeletonRows rows={1} columns={2} />
          </Axis>
        ))}
      </Axes>
      <Section title="Telemetry">
        <SkeletonRows rows={5} columns={1} height={72} />
      </Section>
    </>
  );
}
