import type { Metadata } from 'next';
import { ModelPageView } from '@/components/models/model/model-page.tsx';

type ModelPageProps = { params: Promise<{ model: string }> };

export async function generateMetadata({ params }: ModelPageProps): Promise<Metadata> {
  return { title: decodeURIComponent((await params).model) };
}

export default async function ModelPage({ params }: ModelPageProps) {
  return <ModelPageView model={decodeURIComponent((await params).model)} />;
}
