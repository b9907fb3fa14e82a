import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { WORKER_FLAGS } from '../main/local/stack.ts';
import type { TestMosquitto } from './mosquitto.ts';
import type { TestPki } from './pki.ts';

const program = resolve(import.meta.dirname, '../main/worker.ts');

export type WorkerProcess = { pid: number; log: () => string; kill: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void> };

/** The worker as compose runs it: a process of its own beside a Mosquitto. Resolves when it works. */
export async function startWorkerProcess(
  databaseUrl: string,
  pki: TestPki,
  broker: TestMosquitto,
): Promise<WorkerProcess> {
  const child = fork(program, {
    silent: true,
    execArgv: WORKER_FLAGS,
    env: serverEnvironment(databaseUrl, pki, broker),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const exited = once(child, 'exit');
  const outcome = await Promise.race([once(child, 'message'), exited.then(() => null)]);
  if (!outcome) throw new Error(`the worker did not start:\n${output}`);
  return {
    pid: child.pid ?? 0,
    log: () => output,
    kill: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await exited;
    },
  };
}

/** What a server process is told beside a Mosquitto, with nothing but the test's own. */
export function serverEnvironment(databaseUrl: string, pki: TestPki, broker: TestMosquitto): NodeJS.ProcessEnv {
  return {
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    FLOTILLA_PKI_DIR: pki.dir,
    FLOTILLA_BROKER_DIR: broker.brokerDir,
    FLOTILLA_ARTIFACTS_DIR: pki.dir,
    FLOTILLA_AGENT_DIR: pki.dir,
    FLOTILLA_URL: 'http://127.0.0.1:3000',
    FLOTILLA_MQTT_URL: broker.deviceUrl,
    FLOTILLA_MQTT_SERVER_URL: broker.serverUrl,
    FLOTILLA_MQTT_DEVICE_URL: broker.deviceUrl,
    FLOTILLA_SESSION_SECRET: 'x'.repeat(32),
  };
}
