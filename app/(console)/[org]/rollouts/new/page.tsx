import type { Metadata } from 'next';
import { NewRolloutPage } from '@/components/rollouts/draft/new-rollout-page.tsx';

export const metadata: Metadata = { title: 'New rollout' };

export default NewRolloutPage;
