'use client';

import Link from 'next/link';
import type { DeviceReason } from '@/server/queries/why-not.ts';
import { evidenceText } from '../../rollouts/why-words.ts';
import { ReasonCode } from '../../ui/tags.tsx';
import { Age, Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './why-facts.module.css';

/** What a reason stands on: its code, the numbers, since when, and the next try where a clock knows it. */
export function WhyFacts({ reason }: { reason: DeviceReason }) {
  const evidence = evidenceText(reason.evidence);
  return (
    <dl className={classes.facts}>
      <Fact label="Reason">
        <ReasonCode code={reason.code} tone="quiet" />
      </Fact>
      {evidence && <Fact label="Evidence">{evidence}</Fact>}
      <Fact label="Since">
        <Clock at={reason.since} style="minute" /> <Age at={reason.since} before="(" after=" ago)" />
      </Fact>
      <Fact label="Next try">
        {reason.nextTryAt ? (
          <Clock at={reason.nextTryAt} style="minute" />
        ) : (
          'as soon as this changes; no clock decides it'
        )}
      </Fact>
    </dl>
  );
}

/** Slots beside the one that the section is about, each with its own rollout. */
export function OtherSlots({ reasons }: { reasons: readonly DeviceReason[] }) {
  const { at } = useOrg();
  return reasons.map((reason) => (
    <div key={reason.slot} className={classes.other}>
      <p>
        {`Slot ${reason.slot}: ${reason.sentence} `}
        <Link href={at.rollout(reason.rolloutId)}>{reason.rolloutName}</Link>
      </p>
      <WhyFacts reason={reason} />
    </div>
  ));
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
