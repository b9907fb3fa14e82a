import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below those that Linux gives to whoever asks for any port (`net.ipv4.ip_local_port_range`, from 32768): a program that is started again on
 * its port finds it free, whatever connects meanwhile.
 */
const FIRST = 12_000;
const END = 32_000;

/** A TCP port on 127.0.0.1 that nothing listens on, and that nothing but a program told of it will take. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
