import type { Metadata } from 'next';
import { PlanTemplatesPage } from '@/components/settings/plan-templates-page.tsx';

export const metadata: Metadata = { title: 'Plan templates' };

export default PlanTemplatesPage;
