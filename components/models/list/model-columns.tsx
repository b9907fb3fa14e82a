'use client';

import type { ModelListRow } from '@/server/db/model-list.ts';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { formatCount, plural } from '../../ui/format.ts';
import { Quantity } from '../../ui/quantity.tsx';
import { VersionTag } from '../../ui/tags.tsx';
import { Age } from '../../ui/time.tsx';
import classes from './model-columns.module.css';

export const modelColumns: Column<ModelListRow>[] = [
  { id: 'name', title: 'Model', isTitle: true, render: ({ name }) => name },
  { id: 'latest', title: 'Newest version', render: (model) => <Latest model={model} /> },
  {
    id: 'size',
    title: 'Size',
    align: 'right',
    render: ({ latest }) => <Quantity value={latest?.sizeBytes} unit="bytes" absent="" />,
  },
  { id: 'versions', title: 'Versions', align: 'right', render: ({ versions }) => formatCount(versions) },
  { id: 'serving', title: 'Serving now', render: (model) => <Serving model={model} /> },
];

/** A model as two lines, for phones. */
export function CompactModel({ model }: { model: ModelListRow }) {
  return (
    <CompactRow title={model.name} end={<span className={classes.dim}>{plural(model.versions, 'version')}</span>}>
      <Latest model={model} />
      <Serving model={model} />
    </CompactRow>
  );
}

function Latest({ model: { name, latest } }: { model: ModelListRow }) {
  if (!latest) return <span className={classes.dim}>no version yet</span>;
  return (
    <VersionTag
      id={`${name}@${latest.version}`}
      name={latest.version}
      note={
        <>
          {' '}
          <Age at={latest.createdAt} after=" ago" />
        </>
      }
    />
  );
}

function Serving({ model: { name, serving } }: { model: ModelListRow }) {
  if (serving.length === 0) return <span className={classes.dim}>no device</span>;
  return (
    <span className={classes.serving}>
      {serving.map(({ versionId, version, devices }) => (
        <VersionTag key={versionId} id={`${name}@${version}`} name={version} note={` ${plural(devices, 'device')}`} />
      ))}
    </span>
  );
}
