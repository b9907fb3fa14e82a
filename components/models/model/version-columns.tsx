'use client';

import { Button } from '@mantine/core';
import Link from 'next/link';
import type { ModelPage } from '@/server/queries/model-pages.ts';
import { type OrgRoutes, withQuery } from '../../routes.ts';
import type { Column } from '../../table/columns.tsx';
import { CompactRow } from '../../table/compact-list.tsx';
import { CopyText } from '../../ui/copy.tsx';
import { formatCount, formatQuantity, plural } from '../../ui/format.ts';
import { Quantity } from '../../ui/quantity.tsx';
import { VersionTag } from '../../ui/tags.tsx';
import { Age } from '../../ui/time.tsx';
import classes from './version-columns.module.css';

type Version = ModelPage['versions'][number];

/** The columns of a model's versions; the last one starts a rollout. */
export function versionColumns(at: OrgRoutes): Column<Version>[] {
  return [
    { id: 'version', title: 'Version', isTitle: true, render: (version) => <Tag version={version} /> },
    {
      id: 'created',
      title: 'Uploaded',
      render: ({ createdAt }) => (
        <span className={classes.dim}>
          <Age at={createdAt} after=" ago" />
        </span>
      ),
    },
    {
      id: 'serving',
      title: 'Devices serving',
      align: 'right',
      render: ({ servingDevices }) =>
        servingDevices === 0 ? <span className={classes.dim}>none</span> : <b>{formatCount(servingDevices)}</b>,
    },
    {
      id: 'size',
      title: 'Size',
      align: 'right',
      render: ({ sizeBytes }) => <Quantity value={sizeBytes} unit="bytes" />,
    },
    { id: 'parameters', title: 'Parameters', align: 'right', render: ({ facts }) => formatCount(facts.parameters) },
    { id: 'opset', title: 'Opset', align: 'right', render: ({ facts }) => facts.opset },
    { id: 'digest', title: 'SHA-256', render: ({ sha256 }) => <CopyText value={sha256} label="file digest" /> },
    {
      id: 'roll-out',
      title: <span className={classes.said}>Action</span>,
      align: 'right',
      render: ({ modelName, version }) => (
        <Button
          component={Link}
          href={withQuery(at.newRollout(), { model: modelName, version })}
          aria-label={`Roll out ${version}`}
        >
          Roll out
        </Button>
      ),
    },
  ];
}

/** A version as two lines, for phones. */
export function CompactVersion({ version }: { version: Version }) {
  const { createdAt, servingDevices, sizeBytes, facts } = version;
  return (
    <CompactRow title={<Tag version={version} />} end={<Age at={createdAt} after=" ago" />}>
      <span>{servingDevices === 0 ? 'on no device' : `on ${plural(servingDevices, 'device')}`}</span>
      <span>{formatQuantity(sizeBytes, 'bytes')}</span>
      <span>opset {facts.opset}</span>
    </CompactRow>
  );
}

function Tag({ version: { modelName, version } }: { version: Version }) {
  return <VersionTag id={`${modelName}@${version}`} name={version} />;
}
