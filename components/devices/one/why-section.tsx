'use client';

import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { updateOf } from '@/server/domain/device/axes.ts';
import type { EventRow } from '@/server/queries/device-events.ts';
import type { DeploymentView, DevicePage } from '@/server/queries/device-page.ts';
import { useTRPC } from '../../trpc/client.ts';
import { Section } from '../../ui/section.tsx';
import { ReasonCode } from '../../ui/tags.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import { ProofTable } from './proof-table.tsx';
import { stepsOf } from './steps.ts';
import { Way } from './way.tsx';
import { OtherSlots, WhyFacts } from './why-facts.tsx';
import classes from './why-section.module.css';
import { isStuck, whatNext, whyAnswer, whyTitle } from './why-words.ts';

type WhySectionProps = { page: DevicePage; deployment: DeploymentView; events: readonly EventRow[] };

/** Why a device does not run what it should: the reason, how far it came, what it measured, and what happens next. */
export function WhySection({ page, deployment, events }: WhySectionProps) {
  const { org, at } = useOrg();
  const trpc = useTRPC();
  const why = useQuery(trpc.rollouts.whyDevice.queryOptions({ org, deviceId: page.device.id }));
  const open = (why.data ?? []).filter(({ code }) => code !== 'device.done' && code !== 'device.already_there');
  const own = open.find(({ rolloutId }) => rolloutId === deployment.rolloutId);
  const others = open.filter((each) => each !== own);
  const isReachable = page.status.connectivity.value === 'online';
  const update = updateOf({ state: deployment.state, isReachable });
  const situation = { deployment, update, name: page.device.name, hasSlots: page.slots.length > 1 };
  const { reason, proof } = deployment;
  const limits = useProofLimits(deployment);
  const steps = stepsOf(deployment, events);
  const hasBegun = steps.some(({ state }) => state !== 'ahead');
  return (
    <Section
      title={whyTitle(situation)}
      sentence={reason && <ReasonCode code={reason.code} tone={isStuck(update) ? 'critical' : 'attention'} />}
      end={
        <Button component={Link} href={at.rollout(deployment.rolloutId)} variant="link">
          The rollout
        </Button>
      }
    >
      <p className={classes.answer}>
        {whyAnswer(situation, own?.sentence)}
        {reason?.detail && reason.detail !== deployment.sentence && <span>{` On this device: ${reason.detail}.`}</span>}
      </p>
      {own && <WhyFacts reason={own} />}
      {hasBegun && <Way steps={steps} />}
      <div className={classes.columns} data-alone={proof === null}>
        {proof && (
          <ProofTable
            report={proof}
            candidate={deployment.release}
            running={deployment.previousRelease}
            limits={limits}
          />
        )}
        <div>
          <h3 className={classes.nextTitle}>What happens next</h3>
          <ul className={classes.next}>
            {whatNext(situation).map((line) => (
              <li key={line.text}>
                <span>{'at' in line ? <Clock at={line.at} style="minute" /> : line.lead}</span>
                {line.text}
              </li>
            ))}
          </ul>
        </div>
      </div>
      <OtherSlots reasons={others} />
    </Section>
  );
}

/** What the candidate's release allows; it comes with its version. */
function useProofLimits({ release, proof }: DeploymentView) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const version = useQuery(
    trpc.models.version.queryOptions(
      { org, model: release?.modelName ?? '', version: release?.version ?? '' },
      { enabled: release !== null && proof !== null },
    ),
  );
  return version.data?.releases.find(({ id }) => id === release?.releaseId)?.document.proof ?? null;
}
