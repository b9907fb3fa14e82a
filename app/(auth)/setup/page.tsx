import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { SetupForm } from '@/components/auth/setup-form.tsx';
import { routes } from '@/components/routes.ts';
import { AuthShell } from '@/components/shell/auth-shell.tsx';
import { webDeps } from '@/server/main/web-deps.ts';
import { setUpState } from '@/server/services/accounts/set-up-state.ts';

export const metadata: Metadata = { title: 'Set up' };

export default async function SetupPage() {
  if (!(await setUpState(await webDeps())).needsOwner) redirect(routes.signIn());
  return (
    <AuthShell
      title="Set up Flotilla"
      sentence="This installation has no owner yet. You become it."
      foot="This page closes as soon as the owner exists."
    >
      <SetupForm />
    </AuthShell>
  );
}
