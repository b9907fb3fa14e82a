import type { Metadata } from 'next';
import { NewRulePage } from '@/components/alerts/rules/rule-form-page.tsx';

export const metadata: Metadata = { title: 'New alert rule' };

export default NewRulePage;
