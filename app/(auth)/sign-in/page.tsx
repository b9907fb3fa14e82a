import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { localPath } from '@/components/auth/local-path.ts';
import { SignInForm } from '@/components/auth/sign-in-form.tsx';
import { routes } from '@/components/routes.ts';
import { AuthShell } from '@/components/shell/auth-shell.tsx';
import { currentUser } from '@/server/auth/session.ts';
import { webDeps } from '@/server/main/web-deps.ts';
import { setUpState } from '@/server/services/accounts/set-up-state.ts';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ from?: string | string[] }> }) {
  const [deps, { from }] = [await webDeps(), await searchParams];
  if (await currentUser(deps)) redirect(localPath(from));
  if ((await setUpState(deps)).needsOwner) redirect(routes.setup());
  return (
    <AuthShell title="Sign in" foot="No account? Ask the owner of your organization.">
      <SignInForm from={localPath(from)} />
    </AuthShell>
  );
}
