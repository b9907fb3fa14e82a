'use client';

import Link from 'next/link';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import { Status, ToneWord } from '../../status/status.tsx';
import { formatCount, plural } from '../../ui/format.ts';
import { FactLine, PageHead } from '../../ui/page-head.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { RolloutActions } from './rollout-actions.tsx';
import classes from './rollout-head.module.css';
import { standingOf } from './standing.ts';
import { arrivalOf, arrivedWords, byWhom } from './words.ts';

/** The answer of the page: what goes where, how far it is, who began it, and what a person can do now. */
export function RolloutHead({ page }: { page: RolloutPage }) {
  const { at } = useOrg();
  const { rollout, release, createdBy, rollbackId, from } = page;
  const { all, serving, cameEver, reachable } = standingOf(page);
  const arrival = arrivalOf(page);
  const came = arrival === 'had-moved' ? cameEver : serving;
  const own = release && rollout.name !== `${release.modelName} ${release.version}` ? rollout.name : null;
  const other = from.find((each) => each.release && each.release.versionId !== release?.versionId)?.release;
  const facts = [
    { id: 'state', content: <StateWords page={page} /> },
    ...(own ? [{ id: 'name', content: own }] : []),
    {
      id: 'count',
      content: `${formatCount(came)} of ${plural(reachable, 'reachable device')} ${arrivedWords(came, arrival)}`,
    },
    {
      id: 'start',
      content: (
        <>
          {rollout.startedAt ? 'started ' : 'created '}
          <Clock at={rollout.startedAt ?? rollout.createdAt} style={isToday(rollout) ? 'minute' : 'datetime'} />
          {byWhom(createdBy, rollout.rollbackOfId !== null)}
        </>
      ),
    },
    ...(release && other
      ? [
          {
            id: 'against',
            content: (
              <Link className={classes.link} href={at.version(release.modelName, release.version)}>
                {`${release.version} against ${other.version}`}
              </Link>
            ),
          },
        ]
      : []),
    ...(rollbackId
      ? [{ id: 'rollback', content: <Related href={at.rollout(rollbackId)} label="The roll back of it" /> }]
      : []),
    ...(rollout.rollbackOfId
      ? [{ id: 'of', content: <Related href={at.rollout(rollout.rollbackOfId)} label="The rollout it takes back" /> }]
      : []),
  ];
  return (
    <PageHead
      title={release ? `${release.modelName} ${release.version}` : rollout.name}
      aside={`to ${plural(all, 'device')}`}
      sentence={
        <>
          <FactLine facts={facts} />
          {rollout.stateReason && <p className={classes.reason}>{rollout.stateReason.detail}.</p>}
        </>
      }
      actions={<RolloutActions page={page} />}
    />
  );
}

const DAY_MS = 86_400_000;

function isToday({ startedAt, createdAt }: RolloutPage['rollout']): boolean {
  return Date.now() - (startedAt ?? createdAt).getTime() < DAY_MS / 2;
}

/** While it runs, the wave says more than the word "running". */
function StateWords({ page: { rollout, waves } }: { page: RolloutPage }) {
  const wave = waves.find(({ state }) => state === 'rolling' || state === 'baking');
  if (rollout.state !== 'running' || !wave)
    return <Status axis="rollout" value={rollout.state} since={rollout.stateSince} />;
  const what = wave.state === 'baking' ? 'is baking' : 'is moving';
  const words = waves.length === 1 ? `${wave.name} ${what}` : `Wave ${wave.position + 1} of ${waves.length} ${what}`;
  return (
    <ToneWord glyph={wave.state === 'baking' ? 'hourglass' : 'pie'} tone="progress">
      {words}
    </ToneWord>
  );
}

function Related({ href, label }: { href: ReturnType<ReturnType<typeof useOrg>['at']['rollouts']>; label: string }) {
  return (
    <Link className={classes.link} href={href}>
      {label}
    </Link>
  );
}
