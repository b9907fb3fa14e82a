import type { Metadata } from 'next';
import { RulePageView } from '@/components/alerts/rules/rule-form-page.tsx';

export const metadata: Metadata = { title: 'Alert rule' };

export default async function RulePage({ params }: { params: Promise<{ rule: string }> }) {
  const { rule } = await params;
  return <RulePageView id={rule} />;
}
