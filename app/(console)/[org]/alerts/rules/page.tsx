import type { Metadata } from 'next';
import { RuleListPage } from '@/components/alerts/rules/rule-list-page.tsx';

export const metadata: Metadata = { title: 'Alert rules' };

export default RuleListPage;
