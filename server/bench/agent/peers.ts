import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { topicOf } from '@flotilla/protocol';
import type { AgentStand } from '../../testing/agent-stand.ts';
import { freePort } from '../../testing/ports.ts';

export type Peers = Partial<Record<'bareNode' | 'mosquittoSub' | 'menderClient', ChildProcess>>;

/** Started beside the agent, each as idle as it gets. Those that are not installed are left out, and `say` says what to install. */
export async function startPeers(stand: AgentStand, dir: string, say: (line: string) => void): Promise<Peers> {
  const peers: Peers = { bareNode: spawn(process.execPath, ['-e', 'setInterval(() => {}, 2 ** 30)'], quiet) };
  if (isInstalled('mosquitto_sub')) peers.mosquittoSub = await startMosquittoSub(stand, dir);
  else say('mosquitto_sub is left out: apt-get install mosquitto-clients');
  if (isInstalled('mender')) peers.menderClient = await startMender(dir);
  else say('mender-client is left out: apt-get install mender-client');
  return peers;
}

const quiet = { stdio: 'ignore' } as const;

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--help'], quiet).error === undefined;
}

/** The smallest thing that holds the same connection: same broker, same kind of certificate, its own desired state subscribed. */
async function startMosquittoSub({ broker, enrollPeer }: AgentStand, dir: string): Promise<ChildProcess> {
  const { deviceId, certificate, privateKeyPem, response } = await enrollPeer();
  const files = { cert: certificate, key: privateKeyPem, cafile: response.ca };
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, `peer-${name}.pem`), text);
  const { hostname, port } = new URL(broker.deviceUrl);
  const tls = Object.keys(files).flatMap((name) => [`--${name}`, join(dir, `peer-${name}.pem`)]);
  const who = ['-i', deviceId, '-u', deviceId, '-q', '1', '-c', '-k', '60'];
  return spawn(
    'mosquitto_sub',
    ['-h', hostname, '-p', port, ...who, ...tls, '-t', topicOf(deviceId, 'desired')],
    quiet,
  );
}

/** The daemon between two polls: it has asked, got no answer, and asks again in half an hour. */
async function startMender(dir: string): Promise<ChildProcess> {
  const data = join(dir, 'mender');
  await mkdir(data);
  const config = {
    ServerURL: `https://127.0.0.1:${await freePort()}`,
    UpdatePollIntervalSeconds: 1_800,
    InventoryPollIntervalSeconds: 28_800,
    RetryPollIntervalSeconds: 1_800,
    DBus: { Enabled: false },
    DeviceTypeFile: join(data, 'device_type'),
  };
  await writeFile(join(data, 'mender.conf'), JSON.stringify(config));
  await writeFile(config.DeviceTypeFile, 'device_type=bench\n');
  return spawn('mender', ['--config', join(data, 'mender.conf'), '--data', data, '--no-syslog', 'daemon'], quiet);
}
