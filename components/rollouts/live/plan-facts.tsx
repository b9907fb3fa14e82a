'use client';

import { Button } from '@mantine/core';
import Link from 'next/link';
import { useState } from 'react';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import { CodeBlock, CopyText } from '../../ui/copy.tsx';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { Section } from '../../ui/section.tsx';
import { VersionTag } from '../../ui/tags.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './plan-facts.module.css';
import { secondsText } from './words.ts';

/** What was planned: target, versions, what a failure does, how long devices have. */
export function PlanFacts({ page }: { page: RolloutPage }) {
  const [isJson, setJson] = useState(false);
  const { rollout } = page;
  return (
    <Section
      title="Plan"
      isNested
      end={
        <Button variant="link" aria-expanded={isJson} onClick={() => setJson(!isJson)}>
          {isJson ? 'As facts' : 'As JSON'}
        </Button>
      }
    >
      {isJson ? (
        <CodeBlock code={JSON.stringify(rollout.plan, null, 2)} label="plan as JSON" />
      ) : (
        <Facts facts={factsOf(page, <FromTo page={page} />)} />
      )}
    </Section>
  );
}

function factsOf({ rollout, release }: RolloutPage, fromTo: React.ReactNode): Fact[] {
  const { plan } = rollout;
  const selector = plan.selector === '' ? 'every device' : <code className={classes.code}>{plan.selector}</code>;
  const wait = `wave waits ${secondsText(plan.offline.waitS)}, then goes on without them`;
  return [
    ...(rollout.rollbackOfId ? [] : [{ label: 'Target', value: selector }]),
    { label: 'From, to', value: fromTo },
    ...(release
      ? [{ label: 'Release', value: <CopyText value={release.releaseId} label="release id" keep={6} /> }]
      : []),
    ...(plan.slot === 'default' ? [] : [{ label: 'Slot', value: plan.slot }]),
    ...(rollout.rollbackOfId
      ? []
      : [
          {
            label: 'On failures',
            value: plan.onErrors === 'pause' ? 'pause, ask a person' : 'roll every moved device back',
          },
        ]),
    { label: 'Offline', value: plan.offline.notifyDark ? 'told at once, move when they return' : wait },
    { label: 'Timeout', value: `${secondsText(plan.timeoutS)} per device` },
  ];
}

function FromTo({ page: { from, release } }: { page: RolloutPage }) {
  const { at } = useOrg();
  const known = from.map((each) => each.release).filter((each) => each !== null);
  const sources = known.length > 0 ? known : from.map((each) => each.release);
  return (
    <span className={classes.fromTo}>
      {sources.length === 0 && <span className={classes.dim}>nothing yet</span>}
      {sources.map((each) =>
        each ? (
          <VersionTag key={each.releaseId} id={`${each.modelName}@${each.version}`} name={each.version} />
        ) : (
          <span key="none" className={classes.dim}>
            nothing
          </span>
        ),
      )}
      <span className={classes.dim}>→</span>
      {release ? (
        <Link href={at.version(release.modelName, release.version)}>
          <VersionTag id={`${release.modelName}@${release.version}`} name={release.version} />
        </Link>
      ) : (
        'what each served before'
      )}
    </span>
  );
}
