import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { until } from '../main/local/until.ts';

/**
 * Below those that Linux gives to whoever asks for any port (`net.ipv4.ip_local_port_range`, from 32768): a program that is started again on
 * its port finds it free, whatever connects meanwhile.
 */
const [FIRST, END] = [12_000, 32_000];

const CLOSE_TIMEOUT_MS = 10_000;

/** A TCP port on 127.0.0.1 that nothing listens on, and that nothing but a program told of it will take. */
export async function freePort(): Promise<number> {
  const port = randomInt(FIRST, END);
  return (await isFree(port)) ? port : freePort();
}

/** Waits until nothing listens on any of them: a process that was killed with its parent may outlive it by a breath. */
export function untilFree(ports: readonly number[]): Promise<unknown> {
  return until('ports to be free again', CLOSE_TIMEOUT_MS, async () =>
    (await Promise.all(ports.map(isFree))).every(Boolean),
  );
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
