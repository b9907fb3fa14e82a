import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WEB_FLAGS } from '../main/local/stack.ts';
import { freePort } from './ports.ts';

const root = resolve(import.meta.dirname, '../..');
const LOG_CHARS = 20_000;

export type TestWeb = { url: string; pid: number; log: () => string; stop: () => Promise<void> };

type WebOptions = {
  databaseUrl: string;
  pkiDir: string;
  artifactsDir: string;
  /** A command that becomes the command behind it, in the same process. */
  launcher?: readonly string[];
};

/**
 * The real web process with the flags of the stack, as the product was last built. It ends with the test's process.
 * @throws Error with what web said when it does not come up.
 */
export async function startTestWeb({ databaseUrl, pkiDir, artifactsDir, launcher = [] }: WebOptions): Promise<TestWeb> {
  await access(join(root, '.next/built')).catch((cause: unknown) => {
    throw new Error('This test runs the real web process, which is not built. Run `npm run build` first.', { cause });
  });
  const url = `http://127.0.0.1:${await freePort()}`;
  const [program = '', ...args] = [...launcher, process.execPath, ...WEB_FLAGS, join(root, 'server/main/web.ts')];
  const child = spawn(program, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      DATABASE_URL: databaseUrl,
      FLOTILLA_PKI_DIR: pkiDir,
      FLOTILLA_ARTIFACTS_DIR: artifactsDir,
      FLOTILLA_AGENT_DIR: join(root, 'agent'),
      FLOTILLA_URL: url,
      FLOTILLA_MQTT_URL: 'mqtts://127.0.0.1:8883',
      FLOTILLA_MQTT_SERVER_URL: 'mqtts://127.0.0.1:8884',
      FLOTILLA_SESSION_SECRET: 'x'.repeat(32),
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-LOG_CHARS);
    });
  const closed = once(child, 'close').then(([code]) => code);
  const died = closed.then((code) => Promise.reject(new Error(`web ended with ${code}: ${log}`)));
  died.catch(() => undefined);
  await Promise.race([once(child, 'message'), died]);
  return {
    url,
    pid: child.pid ?? 0,
    log: () => log,
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}
