import { handleConsoleArchive } from '@/server/api/console/archive.ts';

export async function GET(
  _request: Request,
  { params }: { params: Promise<{ org: string; device: string; command: string }> },
): Promise<Response> {
  return handleConsoleArchive(await params);
}
