'use client';

import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { DrawnCell } from '../../status/cells.ts';
import { CellLegend } from '../../status/device-cells.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { cellOf, legendOf } from './wave-cells.ts';
import { WaveColumn } from './wave-column.tsx';
import classes from './wave-strip.module.css';
import { arrivalOf } from './words.ts';

/** Up to this many waves stand side by side; more wrap. */
const MAX_ABREAST = 5;

/** The waves in order, one cell per device, what each needs, and what the squares mean. */
export function WaveStrip({ page }: { page: RolloutPage }) {
  const { at } = useOrg();
  const router = useRouter();
  const [hot, setHot] = useState<DrawnCell | null>(null);
  const { waves, members, release } = page;
  const arrival = arrivalOf(page);
  const cells = useMemo(() => Map.groupBy(members, ({ wavePosition }) => wavePosition), [members]);
  const legend = useMemo(() => legendOf(members, release?.version ?? null, arrival), [members, release, arrival]);
  const isAbreast = waves.length <= MAX_ABREAST;
  const columns = waves.map(({ counts }) => `minmax(150px, ${Math.max(1, Math.cbrt(counts.total)).toFixed(2)}fr)`);
  return (
    <section className={classes.section} aria-label="Waves">
      <ol className={classes.waves} style={isAbreast ? { gridTemplateColumns: columns.join(' ') } : undefined}>
        {waves.map((wave) => (
          <WaveColumn
            key={wave.position}
            page={page}
            wave={wave}
            cells={(cells.get(wave.position) ?? []).map(cellOf)}
            isLast={wave.position === waves.length - 1}
            onOpen={(id) => router.push(at.device(id))}
            onHot={setHot}
          />
        ))}
      </ol>
      <div className={classes.foot}>
        <CellLegend {...legend} />
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
