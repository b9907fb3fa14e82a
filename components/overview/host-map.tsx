'use client';

import { useRouter } from 'next/navigation';
import { useMemo, useState } from 'react';
import type { MapCell } from '@/server/queries/overview.ts';
import { CellLegend, CellReadout, DeviceCells } from '../status/device-cells.tsx';
import { formatCount } from '../ui/format.ts';
import { useOrg } from '../ui/use-org.ts';
import { CHANGE_KINDS, CHANGE_WORDS, sitesOf, toCell } from './change.ts';
import classes from './host-map.module.css';

/** Every device, or some evenly drawn of each site of a large fleet, as a cell of its site, coloured by how much slower it is than in the hour before; one line reads a cell out. */
export function HostMap({ map, total }: { map: readonly MapCell[]; total: number }) {
  const { at } = useOrg();
  const router = useRouter();
  const [hot, setHot] = useState<string | null>(null);
  const sites = useMemo(() => sitesOf(map).map(({ name, cells }) => ({ name, cells: cells.map(toCell) })), [map]);
  const cells = sites.flatMap((site) => site.cells);
  const counts = Object.fromEntries(
    CHANGE_KINDS.map((kind) => [kind, cells.filter((cell) => cell.kind === kind).length]),
  );
  return (
    <>
      <CellLegend counts={counts} words={CHANGE_WORDS} />
      {map.length < total && (
        <p className={classes.drawn}>
          {`${formatCount(map.length)} of ${formatCount(total)} devices are drawn, evenly from each site.`}
        </p>
      )}
      <div className={classes.sites}>
        {sites.map((site) => (
          <section key={site.name} className={classes.site}>
            <h3>
              {site.name} <span>{formatCount(site.cells.length)}</span>
            </h3>
            <DeviceCells
              label={`Devices of ${site.name}`}
              cells={site.cells}
              layout="columns"
              isSilent
              onHot={(cell) => setHot(cell?.id ?? null)}
              onOpen={(id) => router.push(at.device(id))}
            />
          </section>
        ))}
      </div>
      <CellReadout cell={cells.find((cell) => cell.id === hot)} total={cells.length} canOpen />
    </>
  );
}
