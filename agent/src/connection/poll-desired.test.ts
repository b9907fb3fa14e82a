import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCsr } from '../identity/csr.ts';
import { signDeviceToken } from '../identity/device-token.ts';
import { renewAtMs, renewIdentity } from '../identity/renew.ts';
import { startTestServer, TEST_TOKEN, type TestServer } from '../testing/test-server.ts';
import { callJson } from './http.ts';
import { pollDesired } from './poll-desired.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.stop());

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
async function enrolled() {
  const facts = { hostname: 'h', arch: 'x64', os: 'o', kernel: 'k', cpuModel: 'c', cpuCores: 1, memoryBytes: 1 };
  const runtime = { agentVersion: '1', ortVersion: '1', executionProviders: [], maxOpset: 1, runtimes: [] };
  const body = JSON.stringify({ token: TEST_TOKEN, csr: createCsr(privateKey), facts: { ...facts, ...runtime } });
  const answer = await callJson({ url: `${server.url}/api/agent/v1/enroll`, method: 'POST', body });
  return answer.body as Parameters<typeof renewIdentity>[0];
}

test('over HTTPS the device gets the same document, once for each change', async () => {
  const { deviceId, ca } = await enrolled();
  const ports = { apiUrl: server.url, ca, token: () => signDeviceToken(deviceId, privateKey, Date.now()) };
  expect(await pollDesired(ports, null)).toBeNull();
  await server.desire(deviceId, {});
  const answer = await pollDesired(ports, null);
  expect(answer?.jws).toBe(server.state.desiredJws);
  expect(await pollDesired(ports, answer?.etag ?? null)).toBeNull();
});

test('without its key nobody gets it, and the error is the server’s sentence', async () => {
  const { deviceId, ca } = await enrolled();
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const ports = { apiUrl: server.url, ca, token: () => signDeviceToken(deviceId, other, Date.now()) };
  await expect(pollDesired(ports, null)).rejects.toThrow('The device token is not valid.');
});

test('a certificate is due with a third of its life left, and the new one is for the same device', async () => {
  const identity = await enrolled();
  const dayMs = 86_400_000;
  expect(renewAtMs(identity.certificate)).toBeCloseTo(Date.now() + 30 * dayMs - (31 * dayMs) / 3, -5);
  const renewed = await renewIdentity(identity, privateKey, Date.now());
  expect(renewed).toMatchObject({ deviceId: identity.deviceId });
  expect(renewed.certificate).not.toBe(identity.certificate);
});
