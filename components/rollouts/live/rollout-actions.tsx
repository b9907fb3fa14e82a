'use client';

import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { RolloutPage } from '@/server/queries/rollout-pages.ts';
import type { RolloutControl } from '@/server/services/rollouts/rollout-controls.ts';
import { useForbidden } from '../../console/access.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { formatCount, plural } from '../../ui/format.ts';
import { Icon } from '../../ui/icon.tsx';
import { useKeptFocus } from '../../ui/use-kept-focus.ts';
import { useOrg } from '../../ui/use-org.ts';
import { TYPED_ABOVE } from '../limits.ts';
import classes from './rollout-actions.module.css';
import { standingOf } from './standing.ts';

/** What a person may do with the rollout now; what cannot be taken back asks first and names its count. */
export function RolloutActions({ page }: { page: RolloutPage }) {
  const { controls, waves } = page;
  const { control, isBusy } = useControl(page);
  const forbidden = useForbidden('rollouts:write');
  const group = useRef<HTMLDivElement>(null);
  useKeptFocus(group, isBusy);
  const can = (each: RolloutControl) => controls.includes(each);
  useHotkeys([['p', () => can('pause') && !forbidden && void control('pause').catch(() => {})]]);

  const { all, told, waiting, moving } = standingOf(page);
  const first = waves[0]?.counts.total ?? 0;
  return (
    <div ref={group} className={classes.actions}>
      {can('start') && (
        <ConfirmButton
          variant="filled"
          label={`Start: ${plural(first, 'device')} first`}
          consequence={`${waves[0]?.name ?? 'The first wave'} moves ${plural(first, 'device')} at once, of ${plural(all, 'device')} in all.`}
          confirmLabel={`Move ${plural(first, 'device')}`}
          {...(first > TYPED_ABOVE && { typed: String(first) })}
          forbidden={forbidden}
          onConfirm={() => control('start')}
        />
      )}
      {can('pause') && (
        <ForbiddenTooltip reason={forbidden}>
          {(isDisabled) => (
            <Button
              leftSection={<Icon name="pause" />}
              rightSection={<kbd>p</kbd>}
              disabled={isDisabled}
              loading={isBusy}
              onClick={() => void control('pause').catch(() => {})}
            >
              Pause
            </Button>
          )}
        </ForbiddenTooltip>
      )}
      <PersonActions page={page} control={control} forbidden={forbidden} />
      {can('resume') && (
        <ForbiddenTooltip reason={forbidden}>
          {(isDisabled) => (
            <Button
              leftSection={<Icon name="play" />}
              disabled={isDisabled}
              loading={isBusy}
              onClick={() => void control('resume').catch(() => {})}
            >
              Resume
            </Button>
          )}
        </ForbiddenTooltip>
      )}
      {can('roll-back') && told > 0 && (
        <ConfirmButton
          label={`Roll back ${formatCount(told)}…`}
          consequence={`${plural(told, 'device')} ${told === 1 ? 'returns' : 'return'} to what ${told === 1 ? 'it' : 'each'} served before, all at once; devices out of reach when they are back.${waiting > 0 ? ` ${plural(waiting, 'device')} in later waves will not move.` : ''}`}
          confirmLabel={`Roll back ${plural(told, 'device')}`}
          {...(told > TYPED_ABOVE && { typed: String(told) })}
          forbidden={forbidden}
          onConfirm={() => control('roll-back')}
        />
      )}
      {can('abort') && (
        <ConfirmButton
          label="Abort…"
          variant="danger"
          consequence={`${waiting > 0 ? `${plural(waiting, 'waiting device')} will not move. ` : ''}${moving > 0 ? `${plural(moving, 'device')} on the way will finish. ` : ''}Devices that have moved keep the new release.`}
          confirmLabel={waiting > 0 ? `Abort for ${plural(waiting, 'device')}` : 'Abort the rollout'}
          forbidden={forbidden}
          onConfirm={() => control('abort')}
        />
      )}
    </div>
  );
}

type PersonActionsProps = {
  page: RolloutPage;
  control: (which: RolloutControl) => Promise<unknown>;
  forbidden: string | null;
};

/** What only a person can decide: let a rollout or a wave start, refuse it, pass over a wave, end a rollout that takes in devices. */
function PersonActions({ page, control, forbidden }: PersonActionsProps) {
  const { controls, waves, rollout } = page;
  const { all, waiting } = standingOf(page);
  const wave = waves.find(({ state }) => state !== 'passed' && state !== 'skipped');
  const name = wave?.name ?? 'The wave';
  const count = wave?.counts.total ?? 0;
  const moves = plural(count, 'device');
  const what = rollout.state === 'pending-approval' ? 'the rollout' : name;
  const actions = [
    {
      which: 'approve',
      label: `Approve ${what}`,
      consequence: `${name} moves ${moves}${rollout.state === 'pending-approval' ? ` first, of ${plural(all, 'device')} in all` : ''}.`,
      confirmLabel: 'Approve',
    },
    {
      which: 'reject',
      label: 'Reject…',
      consequence: `It never starts; none of its ${plural(all, 'device')} knows of it.`,
      confirmLabel: 'Reject',
    },
    {
      which: 'skip-wave',
      label: `Skip ${name}…`,
      consequence: `${name} is passed over without being judged; its ${moves} ${count === 1 ? 'is' : 'are'} told as those that come late.`,
      confirmLabel: `Skip ${name}`,
    },
    {
      which: 'finish',
      label: 'Finish…',
      consequence: `It takes in no further device.${waiting > 0 ? ` ${plural(waiting, 'waiting device')} will not move.` : ''}`,
      confirmLabel: 'Finish',
    },
  ] as const;
  return actions
    .filter(({ which }) => controls.includes(which))
    .map(({ which, ...texts }) => (
      <ConfirmButton key={which} {...texts} forbidden={forbidden} onConfirm={() => control(which)} />
    ));
}

/** Sends a control and has the page fetched again; says so when the server refuses. */
function useControl({ rollout }: RolloutPage) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const mutation = useMutation(
    trpc.rollouts.control.mutationOptions({
      onSettled: () => client.invalidateQueries({ queryKey: trpc.rollouts.pathKey() }),
      onError: (error) => notifications.show({ title: 'The rollout was not changed', message: error.message }),
    }),
  );
  const control = (which: RolloutControl) => mutation.mutateAsync({ org, id: rollout.id, control: which });
  return { control, isBusy: mutation.isPending };
}
