import type { Metadata } from 'next';
import { RolloutPageView } from '@/components/rollouts/live/rollout-page.tsx';

export const metadata: Metadata = { title: 'Rollout' };

export default async function RolloutPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <RolloutPageView id={id} />;
}
