import { handleAgentPackage } from '@/server/api/agent/install.ts';

export async function GET(_request: Request, { params }: { params: Promise<{ file: string }> }): Promise<Response> {
  return handleAgentPackage((await params).file);
}
