'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { RangeMenu } from '../../charts/range-menu.tsx';
import { ChartSyncProvider } from '../../charts/sync.tsx';
import { useChartRange } from '../../charts/use-chart-range.ts';
import { AccuracySection } from '../../monitoring/accuracy-section.tsx';
import { DriftSection } from '../../monitoring/drift-section.tsx';
import { withQuery } from '../../routes.ts';
import { Page } from '../../shell/page.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { CopyText } from '../../ui/copy.tsx';
import { entityColor } from '../../ui/entity-color.ts';
import { formatCount, formatQuantity, plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { FactLine, PageHead } from '../../ui/page-head.tsx';
import { QueryView } from '../../ui/query-view.tsx';
import { Columns, Section } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { Swatch } from '../../ui/tags.tsx';
import { Age } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { FactsAside } from './facts-aside.tsx';
import { FileTable } from './file-table.tsx';
import { Operators } from './operators.tsx';
import { Ports } from './ports.tsx';
import { Releases } from './releases.tsx';
import { ServedBy } from './served-by.tsx';
import { VersionCharts } from './version-charts.tsx';
import classes from './version-page.module.css';

/** One version: how it does in the field, what its file says, where it runs, what was made from it. */
export function VersionPageView({ model, version }: { model: string; version: string }) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.models.version.queryOptions({ org, model, version }));
  const range = useChartRange(query.data?.version.createdAt);
  const crumbs = [{ label: 'Models', href: at.models() }, { label: model, href: at.model(model) }, { label: version }];
  return (
    <Page crumbs={crumbs} tools={<RangeMenu range={range} />}>
      <QueryView
        query={query}
        what={`${model} ${version}`}
        head={<PageHead title={`${model} ${version}`} />}
        skeleton={<SkeletonRows columns={3} rows={8} />}
      >
        {(page) => {
          const { version: data, servingDevices, support } = page;
          const facts = [
            {
              id: 'age',
              content: (
                <>
                  uploaded <Age at={data.createdAt} after=" ago" />
                </>
              ),
            },
            { id: 'size', content: formatQuantity(data.sizeBytes, 'bytes') },
            {
              id: 'support',
              content: `opset ${data.facts.opset} runs on ${formatCount(support.supporting)} of ${plural(support.devices, 'device')}`,
            },
            { id: 'digest', content: <CopyText value={data.sha256} label="file digest" /> },
          ];
          return (
            <ChartSyncProvider>
              <PageHead
                title={
                  <>
                    <span className={classes.swatch}>
                      <Swatch color={entityColor(`${model}@${version}`)} />
                    </span>
                    {`${model} ${version}`}
                  </>
                }
                aside={servingDevices === 0 ? 'on no device' : `on ${plural(servingDevices, 'device')}`}
                sentence={
                  <>
                    <FactLine facts={facts} />
                    {data.notes !== '' && <p className={classes.notes}>{data.notes}</p>}
                  </>
                }
                actions={
                  <Button
                    component={Link}
                    href={withQuery(at.newRollout(), { model, version })}
                    variant="filled"
                    leftSection={<Icon name="rollouts" />}
                  >
                    Roll out
                  </Button>
                }
              />
              <Columns
                aside={
                  <>
                    <FactsAside page={page} />
                    <Operators facts={data.facts} />
                  </>
                }
              >
                <VersionCharts page={page} range={range} />
              </Columns>
              <AccuracySection model={model} version={version} range={range} />
              <DriftSection model={model} version={version} />
              <Section title="Inputs and outputs" sentence="as the file declares them">
                <Ports facts={data.facts} />
              </Section>
              <Section title="Files" sentence={`${plural(data.files.length, 'file')}, fetched by digest`}>
                <FileTable files={data.files} />
              </Section>
              <Section
                title="Where it runs"
                sentence={servingDevices === 0 ? 'nowhere yet' : plural(servingDevices, 'device')}
              >
                <ServedBy page={page} />
              </Section>
              <Section
                title="Releases"
                sentence="the version with its input, settings and proof limits, as devices get it"
              >
                <Releases page={page} />
              </Section>
            </ChartSyncProvider>
          );
        }}
      </QueryView>
    </Page>
  );
}
