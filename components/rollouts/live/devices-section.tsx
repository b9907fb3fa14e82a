'use client';

import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import { CompactRow } from '../../table/compact-list.tsx';
import { DataTable } from '../../table/data-table.tsx';
import { loadError, morePages } from '../../table/from-query.ts';
import { useTRPC } from '../../trpc/client.ts';
import { formatCount } from '../../ui/format.ts';
import { SectionHead } from '../../ui/section.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { NextTry, PartStatus, WhyText, whyColumns } from './device-columns.tsx';
import classes from './devices-section.module.css';
import { KindFilter } from './kind-bar.tsx';
import { countDevices } from './standing.ts';
import { useDeviceFilter } from './use-device-filter.ts';
import { kindLines } from './wave-cells.ts';
import { WhyGroups } from './why-groups.tsx';
import { arrivalOf } from './words.ts';

/** Where pressing a state or a reason leads. */
export const DEVICES_ID = 'rollout-devices';

const PER_PAGE = 25;
const TYPING_MS = 250;

/** Every device of the rollout and why it stands where it stands, those that most need a look first; by state, by reason, by name. */
export function DevicesSection({ page }: { page: RolloutPage }) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const { filter, setFilter, clear, isFiltered } = useDeviceFilter();
  const [q] = useDebouncedValue(filter.q.trim(), TYPING_MS);
  const { kind, why: code } = filter;
  const wave = filter.in === null ? null : filter.in - 1;
  const query = useInfiniteQuery(
    trpc.rollouts.whyNot.infiniteQueryOptions(
      {
        org,
        id: page.rollout.id,
        limit: PER_PAGE,
        ...(kind && { kind }),
        ...(code && { code }),
        ...(wave !== null && { wave }),
        ...(q && { q }),
      },
      { getNextPageParam: ({ nextAfter }) => nextAfter, placeholderData: keepPreviousData },
    ),
  );
  const [first] = query.data?.pages ?? [];
  const rows = query.data?.pages.flatMap(({ items }) => items);
  const waves = wave === null ? page.waves : page.waves.filter(({ position }) => position === wave);
  const states = waves.flatMap((each) => each.states);
  return (
    <section id={DEVICES_ID} className={classes.section} aria-label="Devices">
      <SectionHead
        title="Devices"
        sentence={sentenceOf(first?.total, countDevices(page), page, wave)}
        end={<Search q={filter.q} onSearch={(next) => void setFilter({ q: next || null })} />}
      />
      <div className={classes.filters}>
        <KindFilter
          label="Devices by state"
          lines={kindLines(states, page.release?.version ?? null, arrivalOf(page))}
          chosen={kind}
          onChoose={(next) => void setFilter({ kind: next, why: null })}
        />
        {isFiltered && (
          <button type="button" className={classes.clear} onClick={clear}>
            Clear filters
          </button>
        )}
      </div>
      {first && <WhyGroups groups={first.groups} chosen={code} onChoose={(next) => void setFilter({ why: next })} />}
      <DataTable
        noun="devices of the rollout"
        columns={whyColumns(page.waves.length > 1)}
        rows={rows}
        rowId={({ deviceId }) => deviceId}
        hrefFor={({ deviceId }) => at.device(deviceId)}
        renderCompact={(row) => (
          <CompactRow title={row.deviceName} end={<PartStatus row={row} />}>
            <WhyText row={row} />
            <NextTry row={row} />
          </CompactRow>
        )}
        paging={morePages(query, first?.total)}
        state={{
          empty: <EmptyState title="No devices">No device is in this rollout.</EmptyState>,
          isFiltered,
          onClear: clear,
          error: loadError(query, 'The devices'),
        }}
      />
    </section>
  );
}

function sentenceOf(total: number | undefined, all: number, { waves }: RolloutPage, wave: number | null): string {
  const of = wave === null ? '' : ` in ${waves[wave]?.name ?? `wave ${wave + 1}`}`;
  return total === undefined || total >= all
    ? `${formatCount(total ?? all)}, each with its reason`
    : `${formatCount(total)} of ${formatCount(all)}${of}`;
}

function Search({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const [text, setText] = useState(q);
  const [seen, setSeen] = useState(q);
  if (q !== seen) {
    setSeen(q);
    setText(q);
  }
  return (
    <TextInput
      className={classes.search ?? ''}
      aria-label="Find a device of the rollout"
      placeholder="Find a device"
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        setSeen(event.currentTarget.value);
        onSearch(event.currentTarget.value);
      }}
      autoComplete="off"
      spellCheck={false}
    />
  );
}
