import type { Metadata } from 'next';
import { Device } from '@/components/devices/one/device.tsx';

export const metadata: Metadata = { title: 'Device' };

export default async function DevicePage({ params }: { params: Promise<{ device: string }> }) {
  const { device } = await params;
  return <Device deviceId={device} />;
}
