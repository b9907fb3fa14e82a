'use client';

import { Button, PasswordInput, TextInput } from '@mantine/core';
import { signIn } from 'next-auth/react';
import { type FormEvent, useState } from 'react';
import type { SetUpAnswer } from '@/server/api/console/set-up.ts';
import { slugOf } from '@/server/domain/access/account.ts';
import { routes } from '../routes.ts';
import { FormFailure } from './form-failure.tsx';
import { setUp } from './set-up.ts';

type Failure = Extract<SetUpAnswer, { ok: false }>;

/** The first visit: makes the organization and its owner, signs them in and shows them the empty fleet. */
export function SetupForm() {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [organization, setOrganization] = useState('');

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [email, password] = [String(form.get('email')), String(form.get('password'))];
    setBusy(true);
    setFailure(null);
    const answer = await setUp({ organizationName: organization, name: String(form.get('name')), email, password });
    if (answer.ok) {
      const result = await signIn('credentials', { redirect: false, email, password });
      return window.location.assign(result?.ok ? routes.org(answer.slug).overview() : routes.signIn());
    }
    setFailure(answer);
    setBusy(false);
  }

  const wrong = (field: string) => failure?.fields.find(({ pointer }) => pointer === `/${field}`)?.message;
  return (
    <form method="post" onSubmit={(event) => void submit(event)} style={{ display: 'contents' }}>
      <TextInput
        label="Organization"
        description={organization.trim() ? `Its address will be /${slugOf(organization)}` : 'Who the devices belong to'}
        value={organization}
        onChange={(event) => setOrganization(event.currentTarget.value)}
        autoComplete="organization"
        required
        withAsterisk={false}
        autoFocus
        maxLength={100}
        error={wrong('organizationName')}
      />
      <TextInput
        name="name"
        label="Your name"
        autoComplete="name"
        required
        withAsterisk={false}
        maxLength={100}
        error={wrong('name')}
      />
      <TextInput
        name="email"
        type="email"
        label="E-mail"
        autoComplete="username"
        required
        withAsterisk={false}
        maxLength={254}
        error={wrong('email')}
      />
      <PasswordInput
        name="password"
        label="Password"
        description="At least 10 characters. A few words are better than a few symbols."
        autoComplete="new-password"
        required
        withAsterisk={false}
        minLength={10}
        maxLength={200}
        error={wrong('password')}
      />
      <FormFailure sentence={failure?.message ?? null} />
      <Button type="submit" variant="filled" loading={isBusy} fullWidth>
        Create the organization
      </Button>
    </form>
  );
}
