'use client';

import { TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTRPC } from '../trpc/client.ts';
import { useOrg } from '../ui/use-org.ts';
import { SaveForm } from './save-form.tsx';

/** The organization's name, as the rail and everybody in it sees it. */
export function NameForm({ name }: { name: string }) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const router = useRouter();
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? name;
  const save = useMutation(
    trpc.settings.updateOrganization.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.settings.organization.queryKey({ org }) });
        setTyped(null);
        // The rail's name comes with the layout, from the server.
        router.refresh();
      },
    }),
  );
  const isChanged = text !== name;
  return (
    <SaveForm
      title="Name"
      sentence="Everybody in it sees this name. Its address stays as it is."
      canSave={isChanged && text.trim() !== ''}
      save={save}
      onSave={() => save.mutate({ org, name: text.trim() })}
      onReset={isChanged ? () => setTyped(null) : undefined}
    >
      <TextInput
        aria-label="Name of the organization"
        value={text}
        onChange={(event) => setTyped(event.currentTarget.value)}
        error={text.trim() === '' ? 'An organization needs a name.' : null}
        maxLength={100}
        autoComplete="off"
      />
    </SaveForm>
  );
}
