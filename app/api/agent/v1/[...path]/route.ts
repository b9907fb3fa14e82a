import { handleAgent } from '@/server/api/agent/handler.ts';

export { handleAgent as GET, handleAgent as POST, handleAgent as PUT };
