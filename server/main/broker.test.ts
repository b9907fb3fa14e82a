import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadServerClientTls } from '../pki/tls.ts';
import { testDatabase } from '../testing/database.ts';
import { connectTo } from '../testing/mqtt.ts';
import { type TestPki, testPki } from '../testing/pki.ts';
import { freePort } from '../testing/ports.ts';

const database = testDatabase();
let pki: TestPki;
beforeAll(async () => {
  pki = await testPki();
});
afterAll(() => pki.remove());

type Running = { child: ChildProcess; lines: Record<string, unknown>[]; exited: Promise<number | null> };

function start(devicePort: number, serverPort: number): Running {
  const child = fork(join(import.meta.dirname, 'broker.ts'), {
    silent: true,
    env: {
      NODE_ENV: 'test',
      DATABASE_URL: database.url(),
      FLOTILLA_PKI_DIR: pki.dir,
      FLOTILLA_ARTIFACTS_DIR: pki.dir,
      FLOTILLA_AGENT_DIR: pki.dir,
      FLOTILLA_URL: 'http://localhost:3000',
      FLOTILLA_MQTT_URL: `mqtts://localhost:${devicePort}`,
      FLOTILLA_MQTT_SERVER_URL: `mqtts://127.0.0.1:${serverPort}`,
      FLOTILLA_SESSION_SECRET: 'x'.repeat(32),
    },
  });
  const lines: Record<string, unknown>[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) if (line.startsWith('{')) lines.push(JSON.parse(line));
  });
  return { child, lines, exited: once(child, 'exit').then(([code]) => code) };
}

async function untilListening({ child, lines, exited }: Running): Promise<void> {
  for await (const _ of child.stdout ?? []) if (lines.some(({ msg }) => msg === 'listening')) return;
  throw new Error(`the broker ended with ${await exited}: ${JSON.stringify(lines)}`);
}

it.each([
  ['its parent goes away', (child: ChildProcess) => child.disconnect()],
  ['it is told to', (child: ChildProcess) => void child.kill('SIGTERM')],
])('the broker process serves until %s, and then ends by itself', async (_, end) => {
  const [devicePort, serverPort] = [await freePort(), await freePort()];
  const running = start(devicePort, serverPort);
  await untilListening(running);
  expect(running.lines).toContainEqual(expect.objectContaining({ msg: 'listening', devicePort, serverPort }));
  const tls = await loadServerClientTls(pki.dir);
  const client = await connectTo(`mqtts://127.0.0.1:${serverPort}`, { ...tls, clientId: 'server-test' });
  end(running.child);
  expect(await running.exited).toBe(0);
  await client.closed;
  await client.end();
});

it('the broker process ends and names the port when it is taken', async () => {
  const squatter = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
  const running = start(port, await freePort());
  running.child.stdout?.resume();
  expect(await running.exited).toBe(1);
  expect(JSON.stringify(running.lines)).toContain(`Port ${port} on 127.0.0.1 is taken`);
  squatter.close();
});
