import { handleMetrics } from '@/server/api/metrics/handler.ts';

export const dynamic = 'force-dynamic';
export { handleMetrics as GET };
