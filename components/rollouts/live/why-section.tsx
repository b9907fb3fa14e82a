'use client';

import { useQuery } from '@tanstack/react-query';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { WhyGroup } from '@/server/queries/why-not.ts';
import { useTRPC } from '../../trpc/client.ts';
import { formatCount } from '../../ui/format.ts';
import { QueryView } from '../../ui/query-view.tsx';
import { SectionHead } from '../../ui/section.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { ReasonCode } from '../../ui/tags.tsx';
import { Clock } from '../../ui/time.tsx';
import { useOrg } from '../../ui/use-org.ts';
import classes from './look-at-section.module.css';

/** Why the devices of the rollout stand where they stand: each has one reason, and each reason its devices and its next try. */
export function WhySection({ page: { rollout } }: { page: RolloutPage }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const query = useQuery(trpc.rollouts.whyNot.queryOptions({ org, id: rollout.id, limit: 1 }));
  return (
    <>
      <SectionHead title="Why not updating" sentence="every device has a reason" />
      <QueryView query={query} what="The reasons" skeleton={<SkeletonRows rows={3} columns={3} height={36} />}>
        {({ groups }) => <WhyTable groups={groups} />}
      </QueryView>
    </>
  );
}

function WhyTable({ groups }: { groups: WhyGroup[] }) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Devices</th>
          <th scope="col">Why</th>
          <th scope="col">Next</th>
        </tr>
      </thead>
      <tbody>
        {groups.map(({ code, sentence, devices, nextTryAt }) => (
          <tr key={code}>
            <th scope="row">{formatCount(devices)}</th>
            <td className={classes.why}>
              {sentence} <ReasonCode code={code} />
            </td>
            <td className={classes.next}>{nextTryAt ? <Clock at={nextTryAt} style="minute" /> : 'as it comes'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
