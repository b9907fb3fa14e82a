import type { Metadata } from 'next';
import { ChannelsPage } from '@/components/alerts/channels/channels-page.tsx';

export const metadata: Metadata = { title: 'Alert channels' };

export default ChannelsPage;
