'use client';

import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { parseSelector } from '@/server/domain/device/selector.ts';
import { isAppError } from '@/server/domain/errors.ts';
import { useTRPC } from '../trpc/client.ts';
import { plural } from '../ui/format.ts';
import { useOrg } from '../ui/use-org.ts';
import { SaveForm } from './save-form.tsx';

const TYPING_MS = 400;

/** Which devices are production: a rollout to any of them waits for the approval of a second person. */
export function ProductionForm({ selector }: { selector: string | null }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const stored = selector ?? '';
  const text = typed ?? stored;
  const problem = problemOfSelector(text);
  const [settled] = useDebouncedValue(text.trim(), TYPING_MS);
  const matching = useQuery(
    trpc.devices.table.queryOptions(
      { org, limit: 1, selector: settled },
      { enabled: settled !== '' && settled === text.trim() && problem === null, placeholderData: keepPreviousData },
    ),
  );
  const save = useMutation(
    trpc.rollouts.setPolicy.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.rollouts.policy.queryKey({ org }) });
        setTyped(null);
      },
    }),
  );
  const isChanged = text.trim() !== stored;
  const total = settled === '' || problem ? undefined : matching.data?.total;
  return (
    <SaveForm
      title="Production devices"
      sentence="A rollout that has one of them starts only when another person than the one who planned it approves it. Empty: no rollout needs that, unless its plan says so."
      canSave={isChanged && problem === null}
      save={save}
      onSave={() => save.mutate({ org, productionSelector: text.trim() || null })}
      onReset={isChanged ? () => setTyped(null) : undefined}
    >
      <TextInput
        aria-label="Labels of production devices"
        placeholder="none, or: stage=prod"
        value={text}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={problem}
        rightSection={total === undefined ? null : plural(total, 'device')}
        rightSectionWidth={110}
        autoComplete="off"
        spellCheck={false}
      />
    </SaveForm>
  );
}

function problemOfSelector(text: string): string | null {
  try {
    parseSelector(text);
    return null;
  } catch (error) {
    return isAppError(error) ? error.userMessage : 'This is not a label selector.';
  }
}
