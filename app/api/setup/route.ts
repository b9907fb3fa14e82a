import { handleSetUp } from '@/server/api/console/set-up.ts';

export { handleSetUp as POST };
