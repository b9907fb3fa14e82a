import { handleTrpc } from '@/server/api/trpc/handler.ts';

export { handleTrpc as GET, handleTrpc as POST };
