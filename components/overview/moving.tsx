'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import type { RolloutListRow } from '@/server/queries/rollout-pages.ts';
import { useForbidden } from '../console/access.tsx';
import { Status } from '../status/status.tsx';
import { WavesBar } from '../status/waves-bar.tsx';
import { useTRPC } from '../trpc/client.ts';
import { ConfirmButton } from '../ui/confirm-button.tsx';
import { plural } from '../ui/format.ts';
import { useOrg } from '../ui/use-org.ts';
import classes from './moving.module.css';
import { currentWave, movingNow, movingSentence, tallyOf, waveSizes } from './moving-words.ts';

/** The rollouts that are under way: where each stands, and the one thing to do about it from here. */
export function Moving({ rollouts }: { rollouts: readonly RolloutListRow[] }) {
  if (rollouts.length === 0) return <p className={classes.none}>Nothing is being rolled out.</p>;
  return (
    <ul>
      {rollouts.map((rollout) => (
        <MovingRollout key={rollout.id} rollout={rollout} />
      ))}
    </ul>
  );
}

function MovingRollout({ rollout }: { rollout: RolloutListRow }) {
  const { at } = useOrg();
  const tally = tallyOf(rollout);
  const { word, since } = movingNow(rollout);
  const sentence = movingSentence(rollout);
  return (
    <li className={classes.rollout}>
      <p>
        <Link className={classes.title} href={at.rollout(rollout.id)}>
          {rollout.name}
        </Link>{' '}
        to {plural(tally.total, 'device')}
      </p>
      <div className={classes.bar}>
        <WavesBar
          sizes={waveSizes(rollout, tally.total)}
          finished={tally.serve + tally.errors}
          current={currentWave(rollout)}
          state={rollout.state}
          label={`${plural(rollout.waves.length, 'wave')}: ${sentence}`}
        />
      </div>
      <Status axis="rollout" value={rollout.state} since={since} word={word} />
      <p>{sentence}</p>
      <MovingAction rollout={rollout} inFlight={tally.inFlight} />
    </li>
  );
}

function MovingAction({ rollout, inFlight }: { rollout: RolloutListRow; inFlight: number }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const forbidden = useForbidden('rollouts:write');
  const control = useMutation(
    trpc.rollouts.control.mutationOptions({
      onSuccess: () => client.invalidateQueries(trpc.fleet.overview.queryFilter({ org })),
    }),
  );
  const isRunning = rollout.state === 'running';
  if (!isRunning && rollout.state !== 'paused') return null;
  return (
    <div className={classes.actions}>
      <ConfirmButton
        label={isRunning ? 'Pause…' : 'Resume…'}
        forbidden={forbidden}
        consequence={
          isRunning
            ? `No further device is told to move. ${inFlight > 0 ? `${plural(inFlight, 'device')} on the way will finish.` : ''} Those that have moved keep serving.`
            : 'The wave that stands still is tried afresh, and the next waves follow by themselves.'
        }
        confirmLabel={isRunning ? 'Pause the rollout' : 'Resume the rollout'}
        onConfirm={() => control.mutateAsync({ org, id: rollout.id, control: isRunning ? 'pause' : 'resume' })}
      />
    </div>
  );
}
