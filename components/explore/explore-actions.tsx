'use client';

import { Button, Menu } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { metricTitle, metricWords } from '@/server/domain/telemetry/metric-words.ts';
import type { Explored } from '@/server/queries/explore.ts';
import { chartsToPng } from '../charts/png.ts';
import type { Marker } from '../charts/types.ts';
import { Icon } from '../ui/icon.tsx';
import { formatMoment } from '../ui/time.tsx';
import { csvOf, seriesOf } from './series.ts';
import type { ExploreView } from './use-explore-url.ts';
import { useMarkers } from './use-markers.ts';

/** The view as a link, and what it shows as CSV or as a picture. */
export function ExploreActions({ view, result }: { view: ExploreView; result: Explored | undefined }) {
  const link = useClipboard({ timeout: 1500 });
  const isEmpty = result === undefined || result.lines.length === 0;
  return (
    <>
      <Button
        leftSection={<Icon name={link.copied ? 'check' : 'link'} size={14} />}
        onClick={() => link.copy(result ? frozenLink(result) : window.location.href)}
      >
        {link.copied ? 'Copied' : 'Copy link'}
      </Button>
      <Menu width={180} position="bottom-end">
        <Menu.Target>
          <Button disabled={isEmpty} rightSection={<Icon name="down" size={14} />}>
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => result && saveCsv(result)}>Numbers as CSV</Menu.Item>
          {result && <PictureItem view={view} result={result} />}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function PictureItem({ view, result }: { view: ExploreView; result: Explored }) {
  const markers = useMarkers(result);
  return <Menu.Item onClick={() => void savePng(view, result, markers)}>Charts as PNG</Menu.Item>;
}

/** The address with the range that is shown: a link to “the last hour” would show another hour tomorrow. */
function frozenLink({ from, to }: Explored): string {
  const url = new URL(window.location.href);
  url.searchParams.set('from', String(from));
  url.searchParams.set('to', String(to));
  return url.href;
}

function fileName({ from, to }: Explored, kind: string): string {
  const at = (t: number) => new Date(t).toISOString().slice(0, 16).replaceAll(':', '');
  return `flotilla-${at(from)}-${at(to)}.${kind}`;
}

function saveCsv(result: Explored): void {
  save(new Blob([csvOf(result)], { type: 'text/csv;charset=utf-8' }), fileName(result, 'csv'));
}

async function savePng(view: ExploreView, result: Explored, markers: readonly Marker[]): Promise<void> {
  const { from, to, stepMs } = result;
  const charts = view.metrics.map((metric) => {
    const { unit, note } = metricWords[metric];
    return {
      title: metricTitle(metric),
      unit,
      ...(note !== undefined && { note }),
      series: seriesOf(result, metric),
      stepMs,
      from,
      to,
    };
  });
  const title = `${formatMoment(from, 'minute')} to ${formatMoment(to, 'minute')}`;
  try {
    save(await chartsToPng(title, charts, markers), fileName(result, 'png'));
  } catch {
    notifications.show({ message: 'The picture could not be made. Export the numbers as CSV instead.', color: 'red' });
  }
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
