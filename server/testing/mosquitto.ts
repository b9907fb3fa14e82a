import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { untilListening } from '../main/local/ports.ts';
import { ensureRevocationList, writeBrokerFolder } from '../mqtt/mosquitto/broker-folder.ts';
import { loadServerClientTls, type TlsMaterial } from '../pki/tls.ts';
import type { TestPki } from './pki.ts';
import { freePort, untilFree } from './ports.ts';

/** What compose mounts into the broker's container, and starts there. */
const entryPoint = resolve(import.meta.dirname, '../mqtt/mosquitto/run.sh');

const START_TIMEOUT_MS = 15_000;

export type TestMosquitto = {
  deviceUrl: string;
  serverUrl: string;
  serverTls: TlsMaterial;
  /** The folder that the broker reads. */
  brokerDir: string;
  log: () => string;
  /** Of the entry point, whose child the broker is. */
  pid: () => number;
  /** SIGKILL to the broker and its entry point, as a lack of memory or power does it. */
  kill: () => Promise<void>;
  /** Starts it again on the same ports and data. */
  start: () => Promise<void>;
  remove: () => Promise<void>;
};

/** Debian's Mosquitto with the configuration of compose, on free ports of 127.0.0.1. @throws Error saying what to install. */
export async function startMosquitto(pki: TestPki): Promise<TestMosquitto> {
  const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
  if (spawnSync('mosquitto', ['-h'], { env: { NODE_ENV: 'test', PATH: path } }).error)
    throw new Error('Mosquitto is not installed, and system tests need it: apt-get install mosquitto');
  const dir = await mkdtemp(join(tmpdir(), 'flotilla-mosquitto-'));
  const [brokerDir, dataDir, runDir] = [join(dir, 'broker'), join(dir, 'data'), join(dir, 'run')];
  for (const folder of [dataDir, runDir]) await mkdir(folder);
  await writeBrokerFolder(pki.dir, brokerDir);
  await ensureRevocationList(pki.dir, brokerDir, new Date());
  const [devicePort, serverPort] = [await freePort(), await freePort()];
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'test',
    PATH: path,
    FLOTILLA_BROKER_DIR: brokerDir,
    FLOTILLA_BROKER_DATA_DIR: dataDir,
    FLOTILLA_BROKER_RUN_DIR: runDir,
    FLOTILLA_BROKER_DEVICE_PORT: String(devicePort),
    FLOTILLA_BROKER_DEVICE_ADDRESS: '127.0.0.1',
    FLOTILLA_BROKER_SERVER_PORT: String(serverPort),
    FLOTILLA_BROKER_SERVER_ADDRESS: '127.0.0.1',
  };
  let output = '';
  let child: ChildProcess;
  const start = async () => {
    child = spawn(entryPoint, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    // It opens one listener after the other.
    const listening = [devicePort, serverPort].map((port) => untilListening(port, START_TIMEOUT_MS));
    await Promise.all(listening).catch((cause: unknown) => {
      throw new Error(`Mosquitto did not start:\n${output}`, { cause });
    });
  };
  const signal = async (name: 'SIGKILL' | 'SIGTERM') => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    process.kill(-child.pid, name); // The group: the shell and the broker that it watches.
    await exited;
    await untilFree([devicePort, serverPort]);
  };
  await start();
  return {
    deviceUrl: `mqtts://127.0.0.1:${devicePort}`,
    serverUrl: `mqtts://127.0.0.1:${serverPort}`,
    serverTls: await loadServerClientTls(pki.dir),
    brokerDir,
    log: () => output,
    pid: () => child.pid ?? 0,
    kill: () => signal('SIGKILL'),
    start,
    remove: async () => {
      await signal('SIGTERM');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
