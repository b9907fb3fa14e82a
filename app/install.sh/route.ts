import { handleInstallScript } from '@/server/api/agent/install.ts';

export const dynamic = 'force-dynamic';
export { handleInstallScript as GET };
