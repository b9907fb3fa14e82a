import type { Metadata } from 'next';
import { RolloutListPage } from '@/components/rollouts/list/rollout-list-page.tsx';

export const metadata: Metadata = { title: 'Rollouts' };

export default RolloutListPage;
