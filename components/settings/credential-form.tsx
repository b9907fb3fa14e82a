'use client';

import { PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { SetCredential } from '@/server/domain/release/registry-credential.ts';
import { useTRPC } from '../trpc/client.ts';
import { FormActions } from '../ui/form-actions.tsx';
import { FormSection } from '../ui/form-section.tsx';
import { useOrg } from '../ui/use-org.ts';
import classes from './credential-form.module.css';

type CredentialFormProps = { taken: readonly string[]; onDone: () => void };

/** A registry, with the account that pulls from it. The same registry again takes the place of what was set. */
export function CredentialForm({ taken, onDone }: CredentialFormProps) {
  const { org } = useOrg();
  const trpc = useTRPC();
  const client = useQueryClient();
  const [values, setValues] = useState({ registry: '', username: '', password: '' });
  const [isAsked, setAsked] = useState(false);
  const save = useMutation(
    trpc.settings.setCredential.mutationOptions({
      onSuccess: async () => {
        await client.invalidateQueries({ queryKey: trpc.settings.credentials.queryKey({ org }) });
        onDone();
      },
    }),
  );
  const isTaken = taken.includes(values.registry.trim().toLowerCase());
  const problems = isAsked ? problemsOf(values) : {};
  const change = (part: Partial<typeof values>) => setValues((now) => ({ ...now, ...part }));

  function submit(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
    if (Object.keys(problemsOf(values)).length === 0) save.mutate({ org, ...values });
  }

  return (
    <FormSection
      title="New registry"
      sentence="The password is stored encrypted, and never shown again."
      onClose={onDone}
    >
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          label="Registry"
          placeholder="ghcr.io"
          value={values.registry}
          onChange={(event) => change({ registry: event.currentTarget.value })}
          error={problems.registry}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <TextInput
          label="User name"
          value={values.username}
          onChange={(event) => change({ username: event.currentTarget.value })}
          error={problems.username}
          autoComplete="off"
          spellCheck={false}
        />
        <PasswordInput
          label="Password or token"
          value={values.password}
          onChange={(event) => change({ password: event.currentTarget.value })}
          error={problems.password}
          autoComplete="new-password"
        />
        <FormActions label={isTaken ? 'Replace what is set' : 'Add the registry'} action={save} />
      </form>
    </FormSection>
  );
}

function problemsOf(values: { registry: string; username: string; password: string }) {
  const { error } = SetCredential.safeParse(values);
  const problems: Partial<Record<keyof typeof values, string>> = {};
  for (const { path, message } of error?.issues ?? []) problems[path[0] as keyof typeof values] ??= message;
  return problems;
}
