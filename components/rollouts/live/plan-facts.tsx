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
import { planDraftOf } from '../draft/plan-draft.ts';
import { absenceSentence, paceSentence, timesSentence, wavesSentence } from '../draft/sentences.ts';
import classes from './plan-facts.module.css';

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
  const draft = planDraftOf(plan);
  const isBack = rollout.rollbackOfId !== null;
  const selector = plan.selector === '' ? 'every device' : <code className={classes.code}>{plan.selector}</code>;
  return [
    ...(isBack ? [] : [{ label: 'Target', value: selector }]),
    ...(plan.target === 'continuous'
      ? [{ label: 'Later ones', value: 'come along, by the gates of the last wave' }]
      : []),
    { label: 'From, to', value: fromTo },
    ...(release
      ? [{ label: 'Release', value: <CopyText value={release.releaseId} label="release id" keep={6} /> }]
      : []),
    ...(plan.slot === 'default' ? [] : [{ label: 'Slot', value: plan.slot }]),
    ...(isBack
      ? [{ label: 'Offline', value: 'told at once, move when they return' }]
      : [
          { label: 'Waves', value: wavesSentence(draft) },
          { label: 'Pace', value: paceSentence(draft) },
          { label: 'Patience', value: absenceSentence(draft) },
          { label: 'Times', value: timesSentence(draft) },
        ]),
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
