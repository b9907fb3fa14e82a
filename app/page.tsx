import { notFound, redirect } from 'next/navigation';
import { routes } from '@/components/routes.ts';
import { currentUser } from '@/server/auth/session.ts';
import { webDeps } from '@/server/main/web-deps.ts';
import { setUpState } from '@/server/services/accounts/set-up-state.ts';

export default async function Home() {
  const deps = await webDeps();
  const user = await currentUser(deps);
  if (!user) redirect((await setUpState(deps)).needsOwner ? routes.setup() : routes.signIn());
  const [first] = user.memberships;
  if (!first) notFound();
  redirect(routes.org(first.slug).overview());
}
