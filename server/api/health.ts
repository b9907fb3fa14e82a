import { webDeps } from '../main/web-deps.ts';

/** 200 when this process can answer from the database, 503 when it cannot. */
export async function handleHealth(): Promise<Response> {
  try {
    const { db } = await webDeps();
    await db.$queryRaw`SELECT 1`;
    return Response.json({ status: 'ok' });
  } catch {
    return Response.json({ status: 'database unreachable' }, { status: 503 });
  }
}
