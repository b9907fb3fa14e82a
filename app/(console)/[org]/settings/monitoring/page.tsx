import type { Metadata } from 'next';
import { MonitoringPage } from '@/components/settings/monitoring-page.tsx';

export const metadata: Metadata = { title: 'Monitoring' };

export default MonitoringPage;
