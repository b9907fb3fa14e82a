import type { Metadata } from 'next';
import { RegistriesPage } from '@/components/settings/registries-page.tsx';

export const metadata: Metadata = { title: 'Registries' };

export default RegistriesPage;
