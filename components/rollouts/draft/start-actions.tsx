'use client';

import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import type { RolloutPreview } from '@/server/queries/rollout-preview.ts';
import { useForbidden } from '../../console/access.tsx';
import { useTRPC } from '../../trpc/client.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { ForbiddenTooltip } from '../../ui/forbidden-tooltip.tsx';
import { formatCount, plural } from '../../ui/format.ts';
import { useOrg } from '../../ui/use-org.ts';
import { TYPED_ABOVE } from '../limits.ts';
import classes from './start-actions.module.css';
import type { DraftState } from './use-draft.ts';
import type { DryRun } from './use-dry-run.ts';

type StartActionsProps = { draft: DraftState; dryRun: DryRun; preview: RolloutPreview };

/** Starts what the dry run shows, and names how many it moves first; a large first wave is typed to confirm. */
export function StartActions({ draft, dryRun: { ready }, preview }: StartActionsProps) {
  const { org, at } = useOrg();
  const router = useRouter();
  const trpc = useTRPC();
  const forbidden = useForbidden('rollouts:write');
  const create = useMutation(trpc.rollouts.create.mutationOptions());
  const { moving } = preview;
  const first = preview.groups.find(({ kind, count }) => kind === 'wave' && count > 0)?.count ?? 0;
  const reason = forbidden ?? (moving === 0 ? 'No selected device would change.' : null);

  async function send(start: boolean) {
    if (!ready) return;
    const name = draft.name.trim();
    const { id } = await create.mutateAsync({ org, ...ready, ...(name && { name }), start });
    router.push(at.rollout(id));
  }

  const label =
    first === moving
      ? `Start: move ${plural(moving, 'device')}`
      : `Start: ${plural(first, 'device')} first, of ${formatCount(moving)}`;
  return (
    <>
      <div className={classes.actions}>
        {first > TYPED_ABOVE ? (
          <ConfirmButton
            variant="filled"
            label={label}
            consequence={`The first wave tells ${plural(first, 'device')} to move at once to ${draft.names.model} ${draft.names.version}.`}
            confirmLabel={`Move ${plural(first, 'device')}`}
            typed={String(first)}
            forbidden={reason}
            onConfirm={() => send(true)}
          />
        ) : (
          <ForbiddenTooltip reason={reason}>
            {(isDisabled) => (
              <Button
                variant="filled"
                disabled={isDisabled || ready === null}
                loading={create.isPending && create.variables?.start === true}
                onClick={() => void send(true).catch(() => {})}
              >
                {label}
              </Button>
            )}
          </ForbiddenTooltip>
        )}
        <ForbiddenTooltip reason={reason}>
          {(isDisabled) => (
            <Button
              disabled={isDisabled || ready === null}
              loading={create.isPending && create.variables?.start === false}
              onClick={() => void send(false).catch(() => {})}
            >
              Save as draft
            </Button>
          )}
        </ForbiddenTooltip>
      </div>
      {create.error && first <= TYPED_ABOVE && (
        <p className={classes.failure} role="alert">
          {create.error.message}
        </p>
      )}
    </>
  );
}
