import type { Metadata } from 'next';
import { ExplorePage } from '@/components/explore/explore-page.tsx';

export const metadata: Metadata = { title: 'Telemetry' };

export default function TelemetryPage() {
  return <ExplorePage />;
}
