'use client';

import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { DrawnCell } from '../../status/cells.ts';
import { useOrg } from '../../ui/use-org.ts';
import { DEVICES_ID } from './devices-section.tsx';
import { KindFilter } from './kind-bar.tsx';
import { useDeviceFilter } from './use-device-filter.ts';
import { cellOf, kindLines } from './wave-cells.ts';
import { WaveColumn } from './wave-column.tsx';
import classes from './wave-strip.module.css';
import { arrivalOf } from './words.ts';

/** Up to this many waves stand side by side; more wrap. */
const MAX_ABREAST = 5;

/** The waves in order, their devices, what each needs, and what the squares mean: pressing one lists its devices. */
export function WaveStrip({ page }: { page: RolloutPage }) {
  const { at } = useOrg();
  const router = useRouter();
  const [hot, setHot] = useState<DrawnCell | null>(null);
  const { filter, setFilter } = useDeviceFilter();
  const { waves, release } = page;
  const arrival = arrivalOf(page);
  const version = release?.version ?? null;
  const cells = useMemo(() => waves.map((wave) => wave.cells?.map(cellOf) ?? []), [waves]);
  const isAbreast = waves.length <= MAX_ABREAST;
  const columns = waves.map(({ counts }) => `minmax(150px, ${Math.max(1, Math.cbrt(counts.total)).toFixed(2)}fr)`);

  function list(next: Parameters<typeof setFilter>[0]) {
    void setFilter(next);
    document.getElementById(DEVICES_ID)?.scrollIntoView({ block: 'start' });
  }

  return (
    <section className={classes.section} aria-label="Waves">
      <ol className={classes.waves} style={isAbreast ? { gridTemplateColumns: columns.join(' ') } : undefined}>
        {waves.map((wave, i) => (
          <WaveColumn
            key={wave.position}
            page={page}
            wave={wave}
            cells={cells[i] ?? []}
            lines={wave.cells === null ? kindLines(wave.states, version, arrival) : []}
            isLast={wave.position === waves.length - 1}
            onOpen={(id) => router.push(at.device(id))}
            onHot={setHot}
            onChoose={(kind) => list({ kind, in: wave.position + 1, why: null })}
          />
        ))}
      </ol>
      <div className={classes.foot}>
        <KindFilter
          label="List the devices that"
          lines={kindLines(
            waves.flatMap(({ states }) => states),
            version,
            arrival,
          )}
          chosen={filter.in === null ? filter.kind : null}
          onChoose={(kind) => (kind === null ? void setFilter({ kind }) : list({ kind, in: null, why: null }))}
        />
        <p className={classes.readout} aria-hidden="true">
          {hot && (
            <>
              <b>{hot.label}</b> {hot.detail}
            </>
          )}
        </p>
      </div>
    </section>
  );
}
