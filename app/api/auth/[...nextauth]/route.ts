import type { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptionsOf } from '@/server/auth/session.ts';
import { webDeps } from '@/server/main/web-deps.ts';

type Context = { params: Promise<{ nextauth: string[] }> };

async function handle(request: NextRequest, context: Context): Promise<Response> {
  return NextAuth(request, context, authOptionsOf(await webDeps()));
}

export { handle as GET, handle as POST };
