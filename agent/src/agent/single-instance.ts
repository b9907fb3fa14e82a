import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';

/**
 * Makes this the only agent on a folder, or rejects. A socket in the kernel's abstract name space: it goes with the process,
 * however that ends, so it never has to be cleaned up.
 */
export async function holdFolder(dir: string): Promise<void> {
  const name = createHash('sha256').update(realpathSync(dir)).digest('hex');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new Error(`another agent runs on ${dir}`)));
    server.listen(`\0flotilla-agent-${name}`, resolve);
  });
  server.unref();
}
