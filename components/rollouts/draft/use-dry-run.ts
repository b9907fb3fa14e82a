'use client';

import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTRPC } from '../../trpc/client.ts';
import { useOrg } from '../../ui/use-org.ts';
import { toPlan } from './plan-draft.ts';
import { hasProblems } from './problems.ts';
import { toRelease } from './release-draft.ts';
import type { DraftState } from './use-draft.ts';

/** Typing may go on for this long before the server is asked. */
const TYPING_MS = 400;

/** What the draft would do, as of now. The release is made on the way: the same content is the same release, so asking twice makes one. */
export function useDryRun(draft: DraftState) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const { isReady, names, release, plan, problems } = draft;
  const isSendable = isReady && !hasProblems(problems);
  const request = useMemo(
    () => (isSendable ? { release: toRelease(release, names), plan: toPlan(plan) } : null),
    [isSendable, release, plan, names],
  );
  const [settled] = useDebouncedValue(request, TYPING_MS);
  const { mutateAsync } = useMutation(trpc.models.createRelease.mutationOptions());
  const made = useQuery({
    queryKey: ['release-of-draft', org, settled?.release],
    queryFn: () => {
      if (!settled) throw new Error('There is no draft to make a release of.');
      return mutateAsync({ org, ...settled.release });
    },
    enabled: settled !== null,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: false,
    retry: false,
  });
  const releaseId = made.data?.release.id;
  const query = useQuery(
    trpc.rollouts.preview.queryOptions(
      { org, releaseId: releaseId ?? '', plan: settled?.plan ?? { waves: [] } },
      { enabled: releaseId !== undefined && settled !== null, placeholderData: keepPreviousData },
    ),
  );
  const isCurrent = request === settled && !made.isFetching && !query.isPlaceholderData && query.data !== undefined;
  return {
    preview: isSendable ? query.data : undefined,
    error: made.error ?? query.error,
    retry: () => void (made.error ? made.refetch() : query.refetch()),
    isCurrent,
    /** What to start: only what the person has seen the dry run of. */
    ready: isCurrent && isSendable && releaseId && settled ? { releaseId, plan: settled.plan } : null,
  };
}

export type DryRun = ReturnType<typeof useDryRun>;
