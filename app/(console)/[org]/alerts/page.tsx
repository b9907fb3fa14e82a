import type { Metadata } from 'next';
import { AlertListPage } from '@/components/alerts/list/alert-list-page.tsx';

export const metadata: Metadata = { title: 'Alerts' };

export default AlertListPage;
