import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openHttp } from './http.ts';

test('a connection that breaks in the moment in which its answer ends does no harm', async () => {
  const server = createServer((_request, response) => response.end('all of it'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const response = await openHttp({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
  const { socket } = response;
  response.prependOnceListener('end', () => socket.destroy(new Error('connection reset')));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  response.resume();
  await closed;
  expect(response.complete).toBe(true);
  server.close();
});
