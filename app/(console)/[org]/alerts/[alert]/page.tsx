import type { Metadata } from 'next';
import { AlertPageView } from '@/components/alerts/one/alert-page.tsx';

export const metadata: Metadata = { title: 'Alert' };

export default async function AlertPage({ params }: { params: Promise<{ alert: string }> }) {
  const { alert } = await params;
  return <AlertPageView id={alert} />;
}
