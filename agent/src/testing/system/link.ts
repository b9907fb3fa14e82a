import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** How often a slowed link hands bytes over. */
const TICK_MS = 20;

export type Link = Awaited<ReturnType<typeof startLink>>;

/** A link to a port of loopback that can be slow, and cut after so many bytes. Counts what comes down it. */
export async function startLink(toPort: number) {
  const sockets = new Set<Socket>();
  const state = {
    /** Bytes that came from the far side, in all. */
    received: 0,
    /** At this count the link is cut, once; null for never. */
    cutAt: null as number | null,
    bytesPerS: Number.POSITIVE_INFINITY,
    connections: 0,
  };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    state.connections += 1;
    const far = connect(toPort, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      state.received += chunk.length;
      near.write(chunk);
      if (state.cutAt !== null && state.received >= state.cutAt) {
        state.cutAt = null;
        cut();
      } else if (Number.isFinite(state.bytesPerS)) {
        far.pause();
        setTimeout(() => far.resume(), Math.max(TICK_MS, (chunk.length / state.bytesPerS) * 1000));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    state,
    cut,
    stop() {
      cut();
      server.close();
    },
  };
}
