'use client';

import { Button } from '@mantine/core';
import Link from 'next/link';
import { useState } from 'react';
import type { VersionPage } from '@/server/queries/model-pages.ts';
import { formatCount, plural } from '../../ui/format.ts';
import { Age } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './served-by.module.css';

/** Devices shown before "all". */
const FIRST = 12;

/** The devices that serve the version now, and for how long. */
export function ServedBy({ page: { servedBy, servingDevices } }: { page: VersionPage }) {
  const { at } = useOrg();
  const [isAll, setAll] = useState(false);
  if (servedBy.length === 0)
    return <p className={classes.dim}>No device serves it. Roll it out, and they appear here.</p>;
  const shown = isAll ? servedBy : servedBy.slice(0, FIRST);
  const hidden = servingDevices - servedBy.length;
  return (
    <>
      <ul className={classes.list}>
        {shown.map(({ id, name, since }) => (
          <li key={id} className={classes.device}>
            <Link href={at.device(id)}>{name}</Link>
            <span className={classes.dim}>{since ? <Age at={since} before="for " /> : 'since unknown'}</span>
          </li>
        ))}
      </ul>
      {shown.length < servedBy.length && (
        <Button variant="link" onClick={() => setAll(true)}>
          {`Show ${plural(servedBy.length - shown.length, 'more device', 'more devices')}`}
        </Button>
      )}
      {isAll && hidden > 0 && <p className={classes.dim}>{`${formatCount(hidden)} more are not listed.`}</p>}
    </>
  );
}
