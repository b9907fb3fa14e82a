'use client';

import { Button, PasswordInput, TextInput } from '@mantine/core';
import { signIn } from 'next-auth/react';
import { type FormEvent, useState } from 'react';
import { FormFailure } from './form-failure.tsx';

/** Next-auth's own word for a refusal without a sentence. */
const NO_SENTENCE = 'CredentialsSignin';

/** What a refused sign-in says; the server's sentence when it gave one. */
function sentenceOf(error: string): string {
  return error === NO_SENTENCE ? 'The e-mail address or the password is wrong. Check both and try again.' : error;
}

/** Signs in and goes on to `from`, an address of this console. */
export function SignInForm({ from }: { from: string }) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailure(null);
    try {
      const result = await signIn('credentials', {
        redirect: false,
        email: String(form.get('email')),
        password: String(form.get('password')),
      });
      // A whole page load: nothing that was fetched for nobody stays.
      if (result?.ok) return window.location.assign(from);
      setFailure(sentenceOf(result?.error ?? NO_SENTENCE));
    } catch {
      setFailure('The server cannot be reached. Check the connection and try again.');
    }
    setBusy(false);
  }

  return (
    <form method="post" onSubmit={(event) => void submit(event)} style={{ display: 'contents' }}>
      <TextInput
        name="email"
        type="email"
        label="E-mail"
        autoComplete="username"
        required
        withAsterisk={false}
        autoFocus
        maxLength={254}
      />
      <PasswordInput
        name="password"
        label="Password"
        autoComplete="current-password"
        required
        withAsterisk={false}
        maxLength={200}
      />
      <FormFailure sentence={failure} />
      <Button type="submit" variant="filled" loading={isBusy} fullWidth>
        Sign in
      </Button>
    </form>
  );
}
