import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createCsr } from './identity/csr.ts';
import { AgentProcess } from './testing/agent-process.ts';
import { deployment, runnerPid, useAgents } from './testing/agent-suite.ts';
import { demoRelease } from './testing/demo-release.ts';
import { uuid } from './testing/release.ts';
import { until } from './testing/wait.ts';

const suite = useAgents();

test('documents that are forged, foreign or old are refused, and each is an event with its suspicion', async () => {
  const agent = suite.start();
  const deviceId = await agent.deviceId();
  await suite.server.desire(deviceId, { default: null });
  await until('the document is accepted', () => suite.server.latest()?.generation === 1);
  const topic = `flotilla/v1/${deviceId}/desired`;
  await suite.server.publish(topic, 'no signature');
  const base = { v: 1, deviceId, issuedAt: 1, expiresAt: Date.now() + 60_000, slots: {}, telemetry: {} };
  await suite.server.publish(topic, await suite.server.sign({ ...base, generation: 9, deviceId: uuid(1) }));
  await suite.server.publish(topic, await suite.server.sign({ ...base, generation: 0.5 }));
  await suite.server.publish(topic, await suite.server.sign({ ...base, generation: 9, expiresAt: 5 }));
  const codes = () =>
    [...suite.server.state.events.values()].filter(({ kind }) => kind === 'refused').map(({ reason }) => reason?.code);
  await until('four refusals', () => codes().length === 4);
  expect(codes()).toEqual(['desired.signature', 'desired.wrong_device', 'desired.malformed', 'desired.expired']);
});

test('commands are carried out once and answered as often as they are sent; decommissioning leaves nothing', async () => {
  const agent = suite.start();
  const deviceId = await agent.deviceId();
  await suite.server.desire(deviceId, {
    default: { deployment: deployment(1), release: demoRelease(suite.server.artifacts, 1) },
  });
  await suite.reaches(deployment(1), 'active');
  const repliesTo = (id: string) =>
    suite.server.state.replies.filter((each) => each.id === id).map(({ status }) => status);

  const ping = await suite.server.command(deviceId, { op: 'ping' });
  await until('a pong', () => repliesTo(ping).includes('done'));
  await suite.server.command(deviceId, { op: 'ping', id: ping });
  await until('the same answer again', () => repliesTo(ping).length === 3);
  expect(repliesTo(ping)).toEqual(['accepted', 'done', 'done']);

  const unknown = await suite.server.command(deviceId, { op: 'dance' });
  await until('a refusal', () => repliesTo(unknown).includes('refused'));

  const pid = runnerPid(agent);
  const restart = await suite.server.command(deviceId, { op: 'restart-runner' });
  await until('restarted', () => repliesTo(restart).includes('done'));
  expect(runnerPid(agent)).not.toBe(pid);

  const decommission = await suite.server.command(deviceId, { op: 'decommission' });
  expect(await agent.exited).toEqual({ code: 0, signal: null });
  expect(repliesTo(decommission)).toContain('done');
  expect(readdirSync(suite.dir)).toEqual([]);
});

test('a wrong token is told by the server in words, wrong usage by the agent', async () => {
  const refused = new AgentProcess(suite.dir, [
    'enroll',
    '--server',
    suite.server.url,
    '--token',
    `flt_enr_${'1'.repeat(32)}_${'b'.repeat(43)}`,
    '--dir',
    suite.dir,
  ]);
  suite.keep(refused);
  expect(await refused.exited).toMatchObject({ code: 1 });
  expect(refused.log).toContain('This token is not valid. Make a new one.');
  const misused = new AgentProcess(suite.dir, ['run']);
  suite.keep(misused);
  expect(await misused.exited).toMatchObject({ code: 2 });
  expect(misused.log).toContain('--dir is missing');
});

test('a certificate near its end is renewed, and a connection stands with the new one', async () => {
  suite.server.state.certificateDays = 0.25;
  const agent = suite.start();
  const daysLeft = () => {
    const { certificate } = JSON.parse(readFileSync(join(suite.dir, 'identity/identity.json'), 'utf8'));
    return (new X509Certificate(certificate).validToDate.getTime() - Date.now()) / 86_400_000;
  };
  await until('renewed', () => suite.server.state.renewals === 1 && daysLeft() > 29);
  await until('connected', () => agent.status?.connection.isConnected);
});

test('a certificate that has expired is renewed over HTTPS, by the key alone, and the device is back', async () => {
  suite.server.state.certificateDays = -0.25;
  const agent = suite.start();
  await until('connected', () => agent.status?.connection.isConnected);
  expect(suite.server.state.renewals).toBe(1);
  expect(agent.status?.connection.session).toBeGreaterThan(0);
});

test('a device that is not let in any more serves on, and asks for a certificate ever more seldom', async () => {
  const first = suite.start();
  const deviceId = await first.deviceId();
  const release = demoRelease(suite.server.artifacts, 1, { input: { source: 'http' } });
  await suite.server.desire(deviceId, { default: { deployment: deployment(1), release } });
  await suite.reaches(deployment(1), 'active');
  await first.stop();
  suite.server.devices.clear();
  const folder = join(suite.dir, 'identity');
  const identity = JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8'));
  const csr = createCsr(createPrivateKey(readFileSync(join(folder, 'key.pem'))));
  const certificate = await suite.server.pki.issue(csr, deviceId, -0.25);
  writeFileSync(join(folder, 'identity.json'), JSON.stringify({ ...identity, certificate }));
  const agent = suite.keep(new AgentProcess(suite.dir, ['run', '--dir', suite.dir, '--oip-port', '0']));
  const endpoint = await until('it serves', () => agent.status?.endpoint);
  await until('it was refused', () => agent.log.includes('the certificate could not be renewed'));
  const isReady = async () => (await fetch(`${endpoint}/v2/models/vibration-fault/ready`)).status === 200;
  await until('the model answers', isReady);
  expect(agent.log.split('the certificate could not be renewed').length - 1).toBe(1);
});
