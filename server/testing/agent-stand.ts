import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EnrollRequest } from '@flotilla/protocol';
import { createDb } from '../db/client.ts';
import { CreateToken, createToken } from '../services/enrollment/create-token.ts';
import { enrollDevice } from '../services/enrollment/enroll-device.ts';
import type { Closers } from './cleaning-up.ts';
import { type EnrolledDevice, enrollDeps, enrollTestDevice } from './enrollment.ts';
import { startMosquitto, type TestMosquitto } from './mosquitto.ts';
import { createTestOrganization } from './organizations.ts';
import { testPki } from './pki.ts';
import { startWorkerProcess } from './worker-process.ts';

/** The shipped program, as `install.sh` puts it on a device. */
export const agentProgram = resolve(import.meta.dirname, '../../agent/dist/agent.mjs');

export type AgentStand = {
  broker: TestMosquitto;
  /** Enrols the shipped agent into a folder. */
  enrollAgent: (dir: string) => Promise<void>;
  /** One more device of the organization, for a peer that is not an agent. */
  enrollPeer: () => Promise<EnrolledDevice>;
};

/** The server as a device meets it: Mosquitto over mutual TLS, a worker that commits and acknowledges, and the door to enrol. */
export async function startAgentStand(databaseUrl: string, closers: Closers): Promise<AgentStand> {
  const pki = await testPki();
  closers.push(pki.remove);
  const broker = await startMosquitto(pki);
  closers.push(broker.remove);
  const worker = await startWorkerProcess(databaseUrl, pki, broker);
  closers.push(() => worker.kill('SIGTERM'));
  const db = createDb(databaseUrl, 2);
  closers.push(() => db.$disconnect());
  const { owner } = await createTestOrganization(db);
  const door = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const asked = EnrollRequest.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    const answer = await enrollDevice(await deps(), asked, { address: '127.0.0.1' });
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise<void>((done) => door.listen(0, '127.0.0.1', done));
  closers.push(async () => door.close());
  const server = `http://127.0.0.1:${(door.address() as AddressInfo).port}`;
  const deps = async () => ({
    ...(await enrollDeps(db, pki.dir)),
    urls: { api: server, mqtt: broker.deviceUrl },
  });
  return {
    broker,
    async enrollAgent(dir) {
      const { secret } = await createToken(await deps(), owner, CreateToken.parse({ name: 'bench' }));
      const order = ['enroll', '--server', server, '--token', secret, '--dir', dir];
      const options = { env: { NODE_ENV: 'production' as const, PATH: process.env.PATH, HOME: join(dir, '..') } };
      await promisify(execFile)(process.execPath, [agentProgram, ...order], options);
    },
    enrollPeer: async () => enrollTestDevice(await deps(), owner, 'peer'),
  };
}
