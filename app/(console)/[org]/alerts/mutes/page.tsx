import type { Metadata } from 'next';
import { MutesPage } from '@/components/alerts/mutes/mutes-page.tsx';

export const metadata: Metadata = { title: 'Mutes' };

export default MutesPage;
