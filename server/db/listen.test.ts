import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import { freePort } from '../testing/ports.ts';
import { listen } from './listen.ts';

const database = testDatabase();
const notify = (channel: string, payload: string) =>
  database.db().$executeRaw`SELECT pg_notify(${channel}, ${payload})`;
/** Connections of listeners to this test's database. */
const listeners = async () =>
  Number(
    (
      await database.db().$queryRaw<{ n: bigint }[]>`
        SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`
    )[0]?.n,
  );

/** Listens on a channel whose name has to be quoted, and remembers what it heard. */
function listening(url = database.url()) {
  const heard: string[] = [];
  const stop = listen(
    url,
    'a "quoted" channel',
    (payload) => heard.push(payload),
    () => heard.push('(listening)'),
  );
  return { heard, stop, hears: (...all: string[]) => vi.waitFor(() => expect(heard).toEqual(all), 10_000) };
}

it('hears what is told on its channel, and says when it begins', async () => {
  const { stop, hears } = listening();
  await hears('(listening)');
  await notify('another', 'no');
  await notify('a "quoted" channel', 'yes');
  await hears('(listening)', 'yes');
  await stop();
  await vi.waitFor(async () => expect(await listeners()).toBe(0));
});

it('goes on by itself after its connection broke, and says that it missed something', async () => {
  const { stop, hears } = listening();
  await hears('(listening)');
  await database.db().$executeRaw`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`;
  await hears('(listening)', '(listening)');
  await notify('a "quoted" channel', 'again');
  await hears('(listening)', '(listening)', 'again');
  await stop();
});

it('stops at any moment while it connects, and leaves no connection', async () => {
  for (let turns = 0; turns < 12; turns += 1) {
    const { stop, heard } = listening();
    for (let each = 0; each < turns; each += 1) await new Promise(setImmediate);
    await stop();
    const before = heard.length;
    await notify('a "quoted" channel', 'too late');
    expect(heard).toHaveLength(before);
  }
  await vi.waitFor(async () => expect(await listeners()).toBe(0));
});

/** In the database's place: says nothing to the first who connects, and lets the others through when there is one behind it. */
async function muteOnce(behind?: URL) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    if (!behind || sockets.length === 1) return socket.resume();
    const through = connect(Number(behind.port), behind.hostname).on('error', () => undefined);
    return socket.pipe(through).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(behind ?? 'postgres://nobody@127.0.0.1/none');
  url.port = String((server.address() as AddressInfo).port);
  return { url: url.toString(), sockets, server };
}

it('stops while there is no database, and while there is one that never answers', async () => {
  await listening(`postgres://nobody@127.0.0.1:${await freePort()}/none`).stop();
  const { url, sockets, server } = await muteOnce();
  const { stop } = listening(url);
  await vi.waitFor(() => expect(sockets).toHaveLength(1));
  await stop();
  await once(server.close(), 'close');
});

it('leaves a database that never answers, and tries again', async () => {
  const { url, server } = await muteOnce(new URL(database.url()));
  const { stop, hears } = listening(url);
  await hears('(listening)');
  await stop();
  await once(server.close(), 'close');
});
