import type { Metadata } from 'next';
import { VersionPageView } from '@/components/models/version/version-page.tsx';

type VersionPageProps = { params: Promise<{ model: string; version: string }> };

async function namesOf({ params }: VersionPageProps): Promise<{ model: string; version: string }> {
  const { model, version } = await params;
  return { model: decodeURIComponent(model), version: decodeURIComponent(version) };
}

export async function generateMetadata(props: VersionPageProps): Promise<Metadata> {
  const { model, version } = await namesOf(props);
  return { title: `${model} ${version}` };
}

export default async function VersionPage(props: VersionPageProps) {
  return <VersionPageView {...(await namesOf(props))} />;
}
