import type { Metadata } from 'next';
import { ModelListPage } from '@/components/models/list/model-list-page.tsx';

export const metadata: Metadata = { title: 'Models' };

export default ModelListPage;
