import { handleConsoleUpload } from '@/server/api/console/upload.ts';

export async function POST(
  request: Request,
  { params }: { params: Promise<{ org: string; model: string }> },
): Promise<Response> {
  return handleConsoleUpload(request, await params);
}
