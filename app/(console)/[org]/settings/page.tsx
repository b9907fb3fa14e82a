import type { Metadata } from 'next';
import { OrganizationPage } from '@/components/settings/organization-page.tsx';

export const metadata: Metadata = { title: 'Organization' };

export default OrganizationPage;
