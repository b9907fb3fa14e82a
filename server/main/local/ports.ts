import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** @throws Error naming the flag when something else listens there. */
export async function requireFreePort(port: number, flag: string): Promise<void> {
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(null)));
  });
  if (!error) return;
  const why = error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.code})`;
  throw new Error(`Port ${port} ${why}. Stop that program, or choose another port with ${flag}.`);
}

/** Waits until something accepts connections there. */
export async function untilListening(port: number, timeoutMs: number): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await delay(50)) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return;
  }
  throw new Error(`Nothing listens on port ${port} after ${timeoutMs / 1000} s.`);
}
