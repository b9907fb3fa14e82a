import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import type { ReactNode } from 'react';
import { Console } from '@/components/console/console.tsx';
import { routes, withQuery } from '@/components/routes.ts';
import { currentUser } from '@/server/auth/session.ts';
import { webDeps } from '@/server/main/web-deps.ts';

type OrgLayoutProps = { params: Promise<{ org: string }>; children: ReactNode };

export default async function OrgLayout({ params, children }: OrgLayoutProps) {
  const { org: slug } = await params;
  const user = await currentUser(await webDeps());
  if (!user) {
    const from = (await headers()).get('x-path') ?? routes.org(slug).overview();
    redirect(withQuery(routes.signIn(), { from }));
  }
  const org = user.memberships.find((each) => each.slug === slug);
  if (!org) notFound();
  return (
    <Console org={org} memberships={user.memberships} userName={user.name}>
      {children}
    </Console>
  );
}
