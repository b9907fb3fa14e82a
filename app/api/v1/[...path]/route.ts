import { handleRest } from '@/server/api/rest/handler.ts';

export { handleRest as DELETE, handleRest as GET, handleRest as PATCH, handleRest as POST };
