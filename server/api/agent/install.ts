import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { webDeps } from '../../main/web-deps.ts';

/** What install.sh may fetch: an archive a platform, and its digest. */
const PACKAGE = /^flotilla-agent-(linux)-(x64|arm64)\.tar\.gz(\.sha256)?$/;

/** The technician's one command: the script, with this server's own address in it. */
export async function handleInstallScript(): Promise<Response> {
  const { config } = await webDeps();
  const script = await readFile(join(config.agentDir, 'install.sh'), 'utf8');
  return new Response(script.replaceAll('__SERVER_URL__', config.url), {
    headers: { 'content-type': 'text/x-shellscript; charset=utf-8', 'cache-control': 'no-store' },
  });
}

/** The agent that this server serves, for one platform. */
export async function handleAgentPackage(name: string): Promise<Response> {
  const { config } = await webDeps();
  if (!PACKAGE.test(name)) return new Response('There is no such agent package.\n', { status: 404 });
  const path = join(config.agentDir, 'dist', 'package', name);
  const found = await stat(path).catch(() => null);
  if (!found) return new Response('This server has no agent package for this platform.\n', { status: 404 });
  const headers = {
    'content-type': name.endsWith('.sha256') ? 'text/plain' : 'application/gzip',
    'content-length': String(found.size),
    'cache-control': 'no-cache',
  };
  return new Response(Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>, { headers });
}
